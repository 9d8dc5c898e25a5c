//! Commands that repeat the recorded requests of a timeline.

use kassa_wire::kassa::{TimelineHead, TimelineRequest};

use super::{RepeatableCall, repeated};

/// The command that repeats a recorded read of a page session. `None` for other requests, because Kassa records neither
/// their bodies nor tokens of their paths.
#[must_use]
pub fn read_again(
    request: &TimelineRequest,
    base_url: &str,
    page_session: &str,
    head: &TimelineHead,
) -> Option<String> {
    if request.method != "GET" {
        return None;
    }
    let session = match request.route.starts_with("/payments/") {
        true => head.payment_session_id.as_str(),
        false => page_session,
    };
    let order = head.order_id.as_deref().unwrap_or("{order_id}");
    let path = request.route.replace("{session_id}", session).replace("{order_id}", order);
    if path.contains('{') {
        return None;
    }
    let url = format!("{base_url}{path}");
    Some(repeated(&RepeatableCall { method: "GET", url: &url, headers: Vec::new(), body: &[] }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn command(method: &str, route: &str) -> Option<String> {
        let request = json!({
            "method": method, "route": route, "status": 200, "duration_ms": 1, "correlation_id": "c", "count": 1,
            "last_at": "2026-01-01T00:00:00Z",
        });
        let head = json!({
            "merchant_id": "PK1", "payment_session_id": "payment", "status": "WAITING", "is_expired": false,
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
            "expires_at": "2026-01-01T00:00:00Z",
        });
        let request = serde_json::from_value::<TimelineRequest>(request).unwrap();
        let head = serde_json::from_value::<TimelineHead>(head).unwrap();
        read_again(&request, "https://pay.example", "page", &head)
    }

    #[test]
    fn a_recorded_read_is_repeated_with_the_ids_of_its_session() {
        let login = " \\\n  -u \"$KASSA_USERNAME:$KASSA_PASSWORD\"";
        for (route, path) in [
            ("/hpp/v1/sessions/{session_id}", "/hpp/v1/sessions/page"),
            ("/kassa/v1/sessions/{session_id}/events", "/kassa/v1/sessions/page/events"),
            ("/payments/v1/sessions/{session_id}", "/payments/v1/sessions/payment"),
        ] {
            let expected = format!("curl 'https://pay.example{path}'{login}");
            assert_eq!(
                command("GET", route).map(|found| found.replace('\'', "")),
                Some(expected.replace('\'', ""))
            );
        }
    }

    #[test]
    fn a_request_with_a_body_or_a_token_has_no_command() {
        for (method, route) in [
            ("POST", "/hpp/v1/sessions"),
            ("DELETE", "/hpp/v1/sessions/{session_id}"),
            ("GET", "/pay/{token}"),
            ("GET", "/ordermanagement/v1/orders/{order_id}"),
        ] {
            assert_eq!(command(method, route), None, "{method} {route}");
        }
    }
}
