//! The column `endpoint` of a callback: one text for an endpoint, as nodes of the version before write, compare and read
//! it. Statements compare it whole. Only this file knows what it contains, and only for rows of such nodes.

use kassa_domain::{DueClock, Endpoint, MerchantId, Origin};

/// Separates the origin from the merchant whose clock counts. No origin contains it.
const SEPARATOR: char = ' ';

/// The key of an endpoint. Different endpoints have different keys.
pub(crate) fn key_of(endpoint: &Endpoint) -> String {
    let origin = endpoint.origin.as_str();
    match endpoint.clock.merchant() {
        None => origin.to_string(),
        Some(merchant) => format!("{origin}{SEPARATOR}{merchant}"),
    }
}

/// The endpoint of a key that a node of the version before wrote.
pub(crate) fn endpoint_of_key(key: &str) -> Endpoint {
    match key.split_once(SEPARATOR) {
        None => Endpoint::shared(key),
        Some((origin, merchant)) => {
            Endpoint { origin: Origin::new(origin), clock: DueClock::Merchant(MerchantId::new(merchant)) }
        }
    }
}

/// The endpoint of a row. If the two columns do not agree with the key, a node of the version before wrote the row.
pub(crate) fn endpoint_of_row(
    key: &str,
    origin: Option<String>,
    clock_merchant_id: Option<String>,
) -> Endpoint {
    let clock = clock_merchant_id.map_or(DueClock::System, |id| DueClock::Merchant(MerchantId::new(id)));
    let of_columns = origin.map(|origin| Endpoint { origin: Origin::new(origin), clock });
    match of_columns {
        Some(endpoint) if key_of(&endpoint) == key => endpoint,
        Some(_) | None => endpoint_of_key(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://shop.example:443";

    fn own_clock() -> Endpoint {
        let clock = DueClock::Merchant(MerchantId::new("PK1"));
        Endpoint { origin: Origin::new(ORIGIN), clock }
    }

    #[test]
    fn a_key_and_its_endpoint_belong_together() {
        for endpoint in [Endpoint::shared(ORIGIN), own_clock()] {
            assert_eq!(endpoint_of_key(&key_of(&endpoint)), endpoint);
        }
    }

    #[test]
    fn a_row_of_an_older_node_is_read_by_its_key() {
        let own_key = key_of(&own_clock());
        assert_eq!(endpoint_of_row(&own_key, None, None), own_clock());
        assert_eq!(endpoint_of_row(ORIGIN, None, None), Endpoint::shared(ORIGIN));
        let moved_by_older_node = endpoint_of_row(&own_key, Some(ORIGIN.to_string()), None);
        assert_eq!(moved_by_older_node, own_clock());
    }

    #[test]
    fn a_row_of_this_version_is_read_by_its_columns() {
        let blank_in_origin = endpoint_of_row("not a url", Some("not a url".to_string()), None);
        assert_eq!(blank_in_origin, Endpoint::shared("not a url"));
    }
}
