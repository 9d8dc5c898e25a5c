//! Fetches one image. Each redirect is a call of its own, so the policy for outgoing calls checks each address.

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderMap, Method, StatusCode};
use kassa_outgoing::{Call, CallAnswer, Outgoing};
use url::Url;

use crate::{Image, ImageBounds, ImageType, NoImage};

/// Maximum number of redirects.
const MOST_REDIRECTS: usize = 3;

/// The types that a host may send.
const ACCEPTED: &str = "image/png, image/jpeg, image/webp, image/gif, image/svg+xml";

pub(crate) async fn fetch(
    outgoing: &dyn Outgoing,
    bounds: &ImageBounds,
    address: &str,
) -> Result<Image, NoImage> {
    let mut url = Url::parse(address).map_err(|_| NoImage::NoAddress)?;
    for _ in 0..=MOST_REDIRECTS {
        url.set_fragment(None);
        let answer =
            outgoing.call(call(&url, bounds)).await.map_err(|error| NoImage::NoAnswer(error.kind))?;
        if answer.status == StatusCode::OK {
            return image(answer, bounds);
        }
        if !is_redirect(answer.status) {
            return Err(NoImage::Status(answer.status.as_u16()));
        }
        let next = target(&url, &answer.headers).ok_or(NoImage::Redirects)?;
        if url.scheme() == "https" && next.scheme() != "https" {
            return Err(NoImage::NotSecure);
        }
        url = next;
    }
    Err(NoImage::Redirects)
}

fn call(url: &Url, bounds: &ImageBounds) -> Call {
    Call {
        method: Method::GET,
        url: url.to_string(),
        headers: vec![("accept", ACCEPTED.to_string())],
        body: Bytes::new(),
        timeout: bounds.timeout,
        answer_limit: bounds.largest_bytes,
        is_repeatable: true,
    }
}

const fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn target(url: &Url, headers: &HeaderMap) -> Option<Url> {
    url.join(headers.get(LOCATION)?.to_str().ok()?).ok()
}

fn image(answer: CallAnswer, bounds: &ImageBounds) -> Result<Image, NoImage> {
    if !answer.is_whole {
        return Err(match answer.body.len() >= bounds.largest_bytes {
            true => NoImage::TooLarge(bounds.largest_bytes),
            false => NoImage::Incomplete,
        });
    }
    Ok(Image { content_type: ImageType::of(&answer.body)?, bytes: answer.body })
}
