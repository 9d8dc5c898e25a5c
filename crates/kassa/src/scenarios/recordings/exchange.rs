//! A recorded exchange: one call of the APIs and its answer, whichever tool recorded it.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use http::Method;
use serde_json::Value;
use url::Url;

use super::place::{Place, WrongRecording};
use super::variable::Variable;

/// The beginnings of the paths that Kassa serves as the vendor does. Other calls in a recording are left out.
const APIS: [&str; 4] = ["/hpp/v1/", "/payments/v1/", "/ordermanagement/v1/", "/customer-token/v1/"];

/// The most bytes of a body that is unpacked.
const LARGEST_BODY: u64 = 10 << 20;

/// Request headers that change the answer. All others belong to the recorded program or to its account.
const KEPT_HEADERS: [&str; 2] = ["idempotency-key", "klarna-idempotency-key"];

/// Answer headers that name a new resource.
const NAMING_HEADERS: [&str; 3] = ["location", "capture-id", "refund-id"];

/// A recorded call with its answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Exchange {
    /// The number in the recording, from 1.
    pub(super) number: usize,
    pub(super) method: Method,
    /// The path with its query.
    pub(super) path: String,
    /// The headers that the replayed call has, too.
    pub(super) headers: Vec<(&'static str, String)>,
    /// The body of the request as text; empty for none.
    pub(super) body: String,
    pub(super) answer: RecordedAnswer,
}

/// The recorded answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RecordedAnswer {
    pub(super) status: u16,
    /// The body as JSON; `null` if there is none.
    pub(super) body: Value,
    /// The headers that name a new resource.
    pub(super) names: Vec<(&'static str, String)>,
}

/// An exchange as the reader of a format found it.
pub(super) struct Found<'a> {
    pub(super) place: Place<'a>,
    pub(super) method: String,
    /// The URL, or only its path and query.
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<String>,
    pub(super) status: u16,
    pub(super) answer_headers: Vec<(String, String)>,
    pub(super) answer: Option<String>,
}

impl Found<'_> {
    /// The exchange, or `None` if it is no call of the APIs.
    pub(super) fn exchange(self) -> Result<Option<Exchange>, WrongRecording> {
        let Self { place, method, url, headers, body, status, answer_headers, answer } = self;
        let path = path_of(&url)
            .ok_or_else(|| place.at("the URL").wrong("expected an http or https URL, or a path"))?;
        if !APIS.iter().any(|api| path.starts_with(api)) {
            return Ok(None);
        }
        let method = method.to_ascii_uppercase();
        let method = match method.parse() {
            Ok(method) if method != Method::OPTIONS => method,
            Ok(_) => return Ok(None),
            Err(_) => return Err(place.at("the method").wrong("expected a method of HTTP such as GET")),
        };
        if !(100..600).contains(&status) {
            return Err(place.at("the status of the answer").wrong(
                "expected an HTTP status such as 200. If the call got no answer, remove it from the recording",
            ));
        }
        let request = body.map(|body| readable(&body)).unwrap_or_default();
        let answer = answer.map(|answer| readable(&answer)).unwrap_or_default();
        let body = match answer.trim() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_string())),
        };
        let answer = RecordedAnswer { status, body, names: kept(&NAMING_HEADERS, &answer_headers) };
        let headers = kept(&KEPT_HEADERS, &headers);
        Ok(Some(Exchange { number: place.number(), method, path, headers, body: request, answer }))
    }
}

impl Exchange {
    /// The parts of the path, without the query.
    pub(super) fn segments(&self) -> Vec<&str> {
        self.path.split('?').next().unwrap_or_default().split('/').skip(1).collect()
    }

    /// The body of the request for a service at this URL. A recorded URL of the APIs, such as `payment_session_url`,
    /// names the recorded service.
    pub(super) fn body_for(&self, service: &str) -> String {
        match serde_json::from_str::<Value>(&self.body) {
            Ok(mut body) => {
                readdress(&mut body, service);
                body.to_string()
            }
            Err(_) => self.body.clone(),
        }
    }

    /// The path without its ids and tokens, and without its query.
    pub(super) fn shown_path(&self) -> String {
        let segments = self.segments();
        let shown = segments.iter().enumerate().map(|(place, segment)| match place {
            0 | 1 => *segment,
            _ if is_word(segment) => *segment,
            _ => "{id}",
        });
        format!("/{}", shown.collect::<Vec<_>>().join("/"))
    }
}

/// Gives each URL of the APIs in a body the address of a service.
fn readdress(body: &mut Value, service: &str) {
    match body {
        Value::Object(fields) => fields.values_mut().for_each(|value| readdress(value, service)),
        Value::Array(values) => values.iter_mut().for_each(|value| readdress(value, service)),
        Value::String(text) if !text.starts_with('/') => {
            if let Some(path) = path_of(text).filter(|path| APIS.iter().any(|api| path.starts_with(api))) {
                *text = format!("{service}{path}");
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether a part of a path is a word of the APIs, and no id.
fn is_word(segment: &str) -> bool {
    segment.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'-')
        && Variable::of(segment).is_none()
}

/// The path and the query of a URL. A path alone is allowed.
fn path_of(url: &str) -> Option<String> {
    if url.starts_with('/') {
        return Some(url.to_string());
    }
    let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(url.query().map_or_else(|| url.path().to_string(), |query| format!("{}?{query}", url.path())))
}

fn kept(names: &[&'static str], headers: &[(String, String)]) -> Vec<(&'static str, String)> {
    let found = names.iter().filter_map(|name| {
        let (_, value) = headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name))?;
        Some((*name, value.clone()))
    });
    found.collect()
}

/// A body as text. Recorders write a packed body in base64. JSON has characters that base64 has not, so a text cannot
/// be both.
fn readable(body: &str) -> String {
    let packed: String = body.split_whitespace().collect();
    match STANDARD.decode(packed) {
        Ok(bytes) if !bytes.is_empty() => unpacked(bytes).unwrap_or_else(|| body.to_string()),
        Ok(_) | Err(_) => body.to_string(),
    }
}

/// Text from bytes, which may be packed with gzip. `None` if the bytes are no text.
fn unpacked(bytes: Vec<u8>) -> Option<String> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return String::from_utf8(bytes).ok();
    }
    let mut text = String::new();
    GzDecoder::new(&bytes[..]).take(LARGEST_BODY).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn urls_of_the_apis_get_the_address_of_the_service() {
        let mut body = serde_json::json!({"payment_session_url": "https://api.klarna.com/payments/v1/sessions/k1",
            "merchant_urls": {"success": "https://shop.example/a?sid={{session_id}}"}, "lines": ["/payments/v1/x"]});
        readdress(&mut body, "http://127.0.0.1:8080");
        assert_eq!(body["payment_session_url"], "http://127.0.0.1:8080/payments/v1/sessions/k1");
        assert_eq!(body["merchant_urls"]["success"], "https://shop.example/a?sid={{session_id}}");
        assert_eq!(body["lines"][0], "/payments/v1/x");
    }

    #[test]
    fn a_body_is_read_as_it_is_in_base64_and_packed() {
        let json = r#"{"status":"WAITING"}"#;
        let mut packer = GzEncoder::new(Vec::new(), Compression::default());
        packer.write_all(json.as_bytes()).unwrap();
        let packed = STANDARD.encode(packer.finish().unwrap());
        let folded = format!("{}\n  {}", &packed[..8], &packed[8..]);
        for recorded in [json, &STANDARD.encode(json), &packed, &folded] {
            assert_eq!(readable(recorded), json, "{recorded}");
        }
        for text in ["", "null", "Not Found", "1234"] {
            assert_eq!(readable(text), text);
        }
    }
}
