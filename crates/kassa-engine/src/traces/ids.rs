//! The ids of a page session's trace, and the choice of the traces that are recorded.

use kassa_domain::PageSessionId;
use sha2::{Digest as _, Sha256};

use super::SpanPlace;

/// The first span of a page session's trace. The id of a page session is not random in each bit, and the choice of
/// traces needs bits that are, so the ids are parts of a hash.
pub(super) fn first_span(of: &PageSessionId) -> SpanPlace {
    let hash = Sha256::new().chain_update(b"kassa page session ").chain_update(of.as_str()).finalize();
    let mut place = SpanPlace { trace_id: [0; 16], span_id: [0; 8] };
    place.trace_id.copy_from_slice(&hash[..16]);
    place.span_id.copy_from_slice(&hash[16..24]);
    place
}

/// Whether a trace is recorded. Every node makes the same choice, which is that of the sampler `traceidratio` of
/// OpenTelemetry.
pub(super) fn is_recorded(trace_id: [u8; 16], ratio: f64) -> bool {
    let [.., a, b, c, d, e, f, g, h] = trace_id;
    let chance = u64::from_be_bytes([a, b, c, d, e, f, g, h]) >> 1;
    #[expect(clippy::cast_precision_loss, reason = "the choice needs no precision")]
    let chance = chance as f64 / (1_u64 << 63) as f64;
    ratio >= 1.0 || chance < ratio
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_session_has_the_same_trace_on_every_node() {
        let of = |id: &str| first_span(&PageSessionId::new(id));
        assert_eq!(of("0198c1a0-0000-7000-8000-000000000001"), of("0198c1a0-0000-7000-8000-000000000001"));
        assert_ne!(of("a").trace_id, of("b").trace_id);
    }

    #[test]
    fn the_ratio_is_the_share_of_recorded_traces() {
        for ratio in [0.0, 0.1, 0.5, 1.0] {
            let ids = (0..4000).map(|number| first_span(&PageSessionId::new(format!("0198c1a0-{number}"))));
            let recorded = ids.filter(|place| is_recorded(place.trace_id, ratio)).count();
            let expected = ratio * 4000.0;
            #[expect(clippy::cast_precision_loss, reason = "4000 is small")]
            let difference = (recorded as f64 - expected).abs();
            assert!(difference < 150.0, "{recorded} of 4000 at {ratio}");
        }
    }
}
