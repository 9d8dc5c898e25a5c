//! Klarna's script on the page, and the sources that it needs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kassa_engine::{ScriptPresentation, ScriptSources};
use serde::Deserialize;
use url::Url;

use crate::klarna::KlarnaRules;

/// The host of the vendor's script.
const VENDORS_HOST: &str = "x.klarnacdn.net";

/// The payload of a client token. The script loads its frames from the base URL.
#[derive(Deserialize)]
struct ClientTokenPayload {
    base_url: String,
}

/// The script for a payment session, with as few sources as it works with.
pub(crate) fn presentation(rules: &KlarnaRules, client_token: String) -> ScriptPresentation {
    let mut sources = rules.extra_sources.clone();
    let script = origin(&rules.script_url);
    if script.as_ref().is_some_and(|origin| origin.ends_with(VENDORS_HOST)) {
        add_vendors(&mut sources);
    }
    sources.script.extend(script);
    if let Some(frames) = frames_of(&client_token) {
        sources.frame.push(frames.clone());
        sources.connect.push(frames);
    }
    ScriptPresentation { src: rules.script_url.clone(), client_token, sources }
}

/// The sources that the vendor documents.
fn add_vendors(sources: &mut ScriptSources) {
    let add = |to: &mut Vec<String>, these: &[&str]| to.extend(these.iter().map(ToString::to_string));
    let cdn = "https://x.klarnacdn.net";
    add(&mut sources.script, &["https://js.klarna.com", "https://js.playground.klarna.com"]);
    add(&mut sources.style, &[cdn]);
    add(&mut sources.font, &[cdn]);
    add(&mut sources.frame, &["https://*.klarna.com", cdn]);
    add(&mut sources.connect, &["https://*.klarna.com", "https://*.klarnaevt.com", cdn]);
    add(
        &mut sources.image,
        &["https://*.klarnacdn.net", "https://*.klarna.com", "https://*.klarnaevt.com", "data:"],
    );
}

/// The origin of the frames that a client token names. Klarna signs the token, and Kassa read it from Klarna.
fn frames_of(client_token: &str) -> Option<String> {
    let payload = client_token.split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let ClientTokenPayload { base_url } = serde_json::from_slice(&payload).ok()?;
    origin(&base_url)
}

fn origin(url: &str) -> Option<String> {
    let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    Some(url.origin().ascii_serialization())
}
