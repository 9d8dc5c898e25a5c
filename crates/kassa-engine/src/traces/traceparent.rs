//! The header `traceparent` of W3C Trace Context.

use base16ct::lower::encode_string;

use super::SpanPlace;

/// A span of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    /// Its place.
    pub place: SpanPlace,
    /// Whether the caller records its trace.
    pub is_recorded: bool,
}

impl TraceParent {
    /// Reads the header. A text of another form is ignored, as the standard says.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.trim().split('-');
        let (version, trace_id, span_id, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let [version] = bytes::<1>(version)?;
        if version == 0xff || (version == 0 && parts.next().is_some()) {
            return None;
        }
        let place = SpanPlace { trace_id: bytes(trace_id)?, span_id: bytes(span_id)? };
        let [flags] = bytes::<1>(flags)?;
        let is_valid = place.trace_id != [0; 16] && place.span_id != [0; 8];
        is_valid.then_some(Self { place, is_recorded: flags & 1 == 1 })
    }

    /// Writes the header.
    #[must_use]
    pub fn header(&self) -> String {
        let trace_id = encode_string(&self.place.trace_id);
        let span_id = encode_string(&self.place.span_id);
        format!("00-{trace_id}-{span_id}-0{}", u8::from(self.is_recorded))
    }
}

/// Reads lower-case hexadecimal digits. The standard allows no others.
fn bytes<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    let mut read = [0; LENGTH];
    let decoded = base16ct::lower::decode(text, &mut read).ok()?;
    (decoded.len() == LENGTH).then_some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn the_header_of_the_standard_is_read_and_written() {
        let read = TraceParent::parse(HEADER).unwrap();
        assert!(read.is_recorded);
        assert_eq!(read.header(), HEADER);
        let unrecorded = HEADER.replace("-01", "-00");
        assert_eq!(TraceParent::parse(&unrecorded).unwrap().header(), unrecorded);
        let later = HEADER.replacen("00", "cc", 1) + "-what-the-future-will-be-like";
        assert_eq!(TraceParent::parse(&later), Some(read), "of a later version, the known part counts");
    }

    #[test]
    fn a_header_of_another_form_is_ignored() {
        for header in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e47ää-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceParent::parse(header), None, "{header}");
        }
    }
}
