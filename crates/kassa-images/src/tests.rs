//! Fetches from hosts that a test plays.

use std::collections::VecDeque;
use std::sync::Mutex;

use futures_util::future::{BoxFuture, join_all};
use http::{HeaderMap, HeaderValue, StatusCode};
use kassa_outgoing::{Call, CallAnswer, CallError};
use tokio::sync::Notify;

use super::*;

/// A PNG of one pixel.
pub(crate) const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xfc\xcf\xf0\
      \xbf\x1e\0\x05\x80\x02~\x86\xb2\x9d\xa6\0\0\0\0IEND\xaeB`\x82";

/// A GIF of one pixel.
pub(crate) const GIF: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\
      \x02\x02D\x01\0;";

/// A host with answers for its next calls.
#[derive(Default)]
struct Host {
    answers: Mutex<VecDeque<Result<CallAnswer, CallError>>>,
    called: Mutex<Vec<String>>,
    /// Each call waits until the test lets it go on, if it is set.
    gate: Option<Notify>,
}

impl Outgoing for Host {
    fn call_with_headers(&self, call: Call, _: HeaderMap) -> BoxFuture<'_, Result<CallAnswer, CallError>> {
        self.called.lock().unwrap().push(call.url);
        Box::pin(async {
            if let Some(gate) = &self.gate {
                gate.notified().await;
            }
            self.answers.lock().unwrap().pop_front().expect("the test has an answer for each call")
        })
    }
}

impl Host {
    fn answering(answers: impl IntoIterator<Item = Result<CallAnswer, CallError>>) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(answers.into_iter().collect()), ..Self::default() })
    }

    fn called(&self) -> Vec<String> {
        self.called.lock().unwrap().clone()
    }
}

fn answer(status: u16, body: &'static [u8]) -> CallAnswer {
    CallAnswer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::from_static(body),
        is_whole: true,
        connected_after_ms: None,
        head_after_ms: 0,
    }
}

fn redirect(to: &'static str) -> Result<CallAnswer, CallError> {
    let headers = HeaderMap::from_iter([(http::header::LOCATION, HeaderValue::from_static(to))]);
    Ok(CallAnswer { headers, ..answer(302, b"") })
}

fn images(host: &Arc<Host>) -> Images {
    Images::new(host.clone(), ImageBounds::default())
}

const LOGO: &str = "https://shop.example/logo.png";

#[tokio::test]
async fn an_image_is_fetched_once_and_kept() {
    let host = Host::answering([Ok(answer(200, PNG))]);
    let images = images(&host);
    for _ in 0..3 {
        let image = images.image(LOGO).await.unwrap();
        assert_eq!((image.content_type, &image.bytes[..]), (ImageType::Png, PNG));
    }
    assert_eq!(host.called(), [LOGO]);
}

#[tokio::test]
async fn concurrent_requests_for_an_address_share_one_fetch() {
    let host = Arc::new(Host {
        answers: Mutex::new(VecDeque::from([Ok(answer(200, PNG))])),
        gate: Some(Notify::new()),
        ..Host::default()
    });
    let images = images(&host);
    let requests = join_all((0..50).map(|_| images.image(LOGO)));
    let release = async {
        host.gate.as_ref().unwrap().notify_one();
    };
    let (found, ()) = tokio::join!(requests, release);
    assert!(found.into_iter().all(|image| image.is_ok()));
    assert_eq!(host.called().len(), 1);
}

#[tokio::test]
async fn a_failure_is_remembered_for_its_own_time() {
    let gone = || Ok(answer(410, b""));
    let host = Host::answering([gone()]);
    let remembering = images(&host);
    for _ in 0..3 {
        assert_eq!(remembering.image(LOGO).await, Err(NoImage::Status(410)));
    }
    assert_eq!(host.called().len(), 1);
    let host = Host::answering([gone(), Ok(answer(200, PNG))]);
    let bounds = ImageBounds { failure_age: Duration::ZERO, ..ImageBounds::default() };
    let forgetting = Images::new(host.clone(), bounds);
    assert_eq!(forgetting.image(LOGO).await, Err(NoImage::Status(410)));
    assert!(forgetting.image(LOGO).await.is_ok());
}

#[tokio::test]
async fn few_redirects_are_followed_and_none_to_plain_http() {
    let host = Host::answering([redirect("/a#b"), redirect("https://cdn.example/b"), Ok(answer(200, GIF))]);
    assert_eq!(images(&host).image(LOGO).await.unwrap().content_type, ImageType::Gif);
    assert_eq!(host.called(), [LOGO, "https://shop.example/a", "https://cdn.example/b"]);
    for (answers, reason) in [
        (vec![redirect("http://shop.example/")], NoImage::NotSecure),
        (vec![redirect("file:///etc/passwd")], NoImage::NotSecure),
        (vec![redirect("https://")], NoImage::Redirects),
        ((0..4).map(|_| redirect("/again")).collect(), NoImage::Redirects),
        (vec![Ok(answer(302, b""))], NoImage::Redirects),
    ] {
        assert_eq!(images(&Host::answering(answers)).image(LOGO).await, Err(reason));
    }
}

#[tokio::test]
async fn an_answer_that_is_no_whole_image_is_refused() {
    let cut = |body: &'static [u8]| Ok(CallAnswer { is_whole: false, ..answer(200, body) });
    let refused = Err(CallError::new(CallErrorKind::Refused, "private"));
    for (found, reason) in [
        (Ok(answer(200, b"<html>")), NoImage::OtherType),
        (Ok(answer(500, PNG)), NoImage::Status(500)),
        (cut(PNG), NoImage::Incomplete),
        (refused, NoImage::NoAnswer(CallErrorKind::Refused)),
    ] {
        assert_eq!(images(&Host::answering([found])).image(LOGO).await, Err(reason));
    }
    let bounds = ImageBounds { largest_bytes: PNG.len(), ..ImageBounds::default() };
    let images = Images::new(Host::answering([cut(PNG)]), bounds);
    assert_eq!(images.image(LOGO).await, Err(NoImage::TooLarge(PNG.len())));
    assert_eq!(self::images(&Host::answering([])).image("logo.png").await, Err(NoImage::NoAddress));
}

#[tokio::test]
async fn a_node_that_fetches_as_much_as_it_may_refuses_and_does_not_remember_it() {
    let host = Host::answering([Ok(answer(200, PNG))]);
    let bounds = ImageBounds { most_fetches: 1, ..ImageBounds::default() };
    let images = Images::new(host.clone(), bounds);
    let permit = images.0.fetches.acquire().await.unwrap();
    assert_eq!(images.image(LOGO).await, Err(NoImage::Busy));
    drop(permit);
    assert!(images.image(LOGO).await.is_ok());
}

#[tokio::test]
async fn the_memory_for_images_is_bounded() {
    let host = Host::answering((0..100).map(|_| Ok(answer(200, PNG))));
    let memory_bytes = 10 * PNG.len() as u64;
    let images = Images::new(host, ImageBounds { memory_bytes, ..ImageBounds::default() });
    for number in 0..100 {
        images.image(&format!("https://shop.example/{number}.png")).await.unwrap();
    }
    images.0.kept.run_pending_tasks().await;
    assert!(images.0.kept.weighted_size() <= memory_bytes);
}
