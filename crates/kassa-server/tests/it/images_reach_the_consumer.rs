//! Merchants' images: the browser gets them from Kassa, which fetches and checks them. The hosts are real.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{Method, StatusCode};
use kassa_images::{ImageBounds, ImageType, Images, NoImage};
use kassa_outgoing::{AddressPolicy, CallErrorKind, Network, OutgoingPolicy, Ports};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::harness::{Page, World, cart, journey};

/// A PNG of one pixel.
const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xfc\xcf\xf0\
      \xbf\x1e\0\x05\x80\x02~\x86\xb2\x9d\xa6\0\0\0\0IEND\xaeB`\x82";

/// An SVG image with a script.
const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";

/// The merchant's host for images.
struct ImageHost {
    url: String,
    requests: Arc<AtomicUsize>,
}

impl ImageHost {
    async fn open() -> Self {
        let requests = Arc::<AtomicUsize>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/logo.png", get(logo))
            .route("/logo.svg", get(|| async { ([("content-type", "text/plain")], SVG) }))
            .route("/page.png", get(|| async { ([("content-type", "image/png")], "<html>no image</html>") }))
            .route("/large.png", get(|| async { vec![0_u8; 3 * 1024 * 1024] }))
            .route("/slow.png", get(std::future::pending::<StatusCode>))
            .route("/moved.png", get(|| async { Redirect::permanent("/logo.png") }))
            .route("/inside.png", get(|| async { Redirect::temporary("http://10.0.0.1/logo.png") }))
            .with_state(requests.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, requests }
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.url)
    }
}

async fn logo(State(requests): State<Arc<AtomicUsize>>) -> Response {
    requests.fetch_add(1, Ordering::Relaxed);
    PNG.into_response()
}

/// The addresses of the images in a page.
fn sources(html: &str) -> Vec<String> {
    let images = html.split("<img ").skip(1).map(|rest| rest.split('>').next().unwrap());
    let sources = images.map(|image| {
        let (_, rest) = image.split_once("src=\"").or_else(|| image.split_once("srcset=\"")).unwrap();
        rest.split(['"', ' ']).next().unwrap().replace("&#38;", "&")
    });
    sources.collect()
}

async fn page_with<'a>(world: &'a World, options: Value, image_of_line: &str) -> Page<'a> {
    let mut cart = cart("ECOMMERCE");
    cart["order_lines"][0]["image_url"] = json!(image_of_line);
    let answer = world.merchant.post("/payments/v1/sessions", &cart).await;
    let payment = answer.json["session_id"].as_str().unwrap();
    let session = world.page_session_of(payment, options).await;
    Page::open(world, &session).await
}

#[test]
fn a_page_names_only_addresses_of_kassa_and_each_of_them_answers_with_the_image() {
    journey(|world| async move {
        let host = ImageHost::open().await;
        let logo = host.url("logo.png");
        let options =
            json!({"logo_url": logo, "background_images": [{"url": host.url("logo.svg"), "width": 800}]});
        let page = page_with(&world, options, &host.url("moved.png")).await;
        assert_eq!(host.requests.load(Ordering::Relaxed), 0, "the page waits for no image");
        assert!(page.header("content-security-policy").contains("img-src 'self';"));
        let sources = sources(&page.html);
        assert_eq!(sources.len(), 3, "{}", page.html);
        assert!(sources.iter().all(|source| source.starts_with("/images/")), "{sources:?}");
        assert!(!page.html.contains(&format!("\"{}", host.url)), "{}", page.html);
        for source in &sources {
            let image = world.browser(Method::GET, source, Bytes::new()).await;
            assert_eq!(image.status, 200, "{source}");
            assert_eq!(image.header("x-content-type-options"), "nosniff");
            assert_eq!(image.header("cache-control"), "public, max-age=600");
            let policy = image.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none';") && policy.contains("sandbox"), "{policy}");
            let is_svg = source.contains(".svg");
            let expected = if is_svg { "image/svg+xml" } else { "image/png" };
            assert_eq!(image.header("content-type"), expected, "the content decides");
            assert_eq!(&image.bytes[..], if is_svg { SVG.as_bytes() } else { PNG });
        }
    });
}

#[test]
fn an_address_that_kassa_did_not_make_is_not_fetched() {
    journey(|world| async move {
        let host = ImageHost::open().await;
        let page = page_with(&world, json!({"logo_url": host.url("logo.png")}), &host.url("page.png")).await;
        let sources = sources(&page.html);
        let (signature, _) = sources[0].split_once('?').unwrap();
        let other: String =
            url::form_urlencoded::byte_serialize(host.url("logo.png?other").as_bytes()).collect();
        for path in [
            format!("{signature}?of={other}"),
            format!("/images/AAAAAAAAAAAAAAAAAAAAAA?of={other}"),
            signature.to_string(),
            "/images/x?of=".to_string(),
        ] {
            let refused = world.browser(Method::GET, &path, Bytes::new()).await;
            assert_eq!(refused.status, 404, "{path}");
            assert!(!refused.text.contains("No image"), "{}", refused.text);
        }
        assert_eq!(host.requests.load(Ordering::Relaxed), 0);
        let missing = world.browser(Method::GET, &sources[1], Bytes::new()).await;
        assert_eq!(missing.status, 404);
        assert!(missing.header("cache-control").contains("no-store"));
        assert!(missing.text.contains("not a PNG, JPEG, WebP, GIF or SVG image"), "{}", missing.text);
    });
}

/// Images that are fetched with this policy for addresses.
fn images(addresses: AddressPolicy) -> Images {
    let policy = OutgoingPolicy { addresses, allows_http: true, extra_root: None };
    let bounds = ImageBounds { timeout: Duration::from_millis(200), ..ImageBounds::default() };
    Images::new(Arc::new(Network::new(policy).unwrap()), bounds)
}

#[tokio::test]
async fn a_bad_host_gives_no_image() {
    let host = ImageHost::open().await;
    let images = images(AddressPolicy::everything());
    let image = images.image(&host.url("moved.png")).await.unwrap();
    assert_eq!(image.content_type, ImageType::Png);
    for (path, reason) in [
        ("page.png", NoImage::OtherType),
        ("large.png", NoImage::TooLarge(2 * 1024 * 1024)),
        ("slow.png", NoImage::NoAnswer(CallErrorKind::TimedOut)),
        ("gone.png", NoImage::Status(404)),
    ] {
        assert_eq!(images.image(&host.url(path)).await, Err(reason), "{path}");
    }
}

#[tokio::test]
async fn a_host_leads_to_no_address_that_the_node_may_not_call() {
    let host = ImageHost::open().await;
    let only_the_host = AddressPolicy {
        allowed_networks: vec!["127.0.0.1/32".parse().unwrap()],
        allowed_ports: Ports::Any,
        ..AddressPolicy::default()
    };
    let images = images(only_the_host);
    assert!(images.image(&host.url("logo.png")).await.is_ok());
    let inside = images.image(&host.url("inside.png")).await;
    assert_eq!(inside, Err(NoImage::NoAnswer(CallErrorKind::Refused)));
    let strict = self::images(AddressPolicy::default()).image(&host.url("logo.png")).await;
    assert_eq!(strict, Err(NoImage::NoAnswer(CallErrorKind::Refused)));
}
