//! A page of another site, in the browser of a developer on whose machine Kassa runs: it knows the port and the
//! published credential. It does nothing, while the shop on another port still sends its consumers to the page.

use axum::Router;
use axum::response::{Html, Redirect};
use axum::routing::get;
use serde_json::Value;
use tokio::net::TcpListener;

use super::scene::{APPROVED, PayLink, Scene};

/// Base64 of the credential that `kassa dev` prints.
const PUBLISHED: &str = "Basic UEswMDAwMF9kZXY6ZGV2";

#[tokio::test]
async fn a_form_of_another_site_with_the_published_credential_erases_nothing() {
    let scene = Scene::begin().await;
    let link = scene.link().await;
    for content in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let site = Cluster::open(&form(&scene, content), &link).await;
        scene.browser.visit(&site.url("shop.example", "attack")).await;
        scene.browser.press("send").await;
        see_refusal(&scene, "CROSS_SITE_REQUEST").await;
        assert_eq!(scene.status_of(&link).await, "WAITING");
    }
}

#[tokio::test]
async fn a_script_of_another_site_changes_and_reads_nothing() {
    let scene = Scene::begin().await;
    let link = scene.link().await;
    let kassa = scene.dev.url();
    let site = Cluster::open("<main>A page</main>", &link).await;
    for host in ["shop.example", "localhost", "127.0.0.1"] {
        scene.browser.visit(&site.url(host, "attack")).await;
        for path in ["/lab/v1/reset", "/lab/of/PK00000", "/demo/checkout"] {
            let post = format!(
                "return fetch('{kassa}{path}', {{method: 'POST', mode: 'no-cors', credentials: 'include', \
                 body: 'do=reset'}}).then((answer) => answer.type)"
            );
            assert_eq!(scene.browser.run(&post).await, "opaque", "{host} {path}");
        }
        let credential = format!(
            "return fetch('{kassa}/lab/v1/reset', {{method: 'POST', headers: {{authorization: '{PUBLISHED}'}}}}) \
             .then(() => 'answered', () => 'stopped')"
        );
        assert_eq!(scene.browser.run(&credential).await, "stopped", "{host}");
        for path in ["/lab/v1/export", &link.path(kassa)] {
            let image = format!(
                "return new Promise((seen) => {{ const image = new Image(); image.onload = () => seen('shown'); \
                 image.onerror = () => seen('failed'); image.src = '{kassa}{path}' }})"
            );
            assert_eq!(scene.browser.run(&image).await, "failed", "{host} {path}");
        }
    }
    assert_eq!(scene.status_of(&link).await, "WAITING", "no page was opened, nothing was erased");
}

#[tokio::test]
async fn a_foreign_name_of_this_machine_reads_nothing() {
    let scene = Scene::begin().await;
    let link = scene.link().await;
    let port = scene.dev.url().rsplit(':').next().unwrap().to_string();
    scene.browser.visit(&format!("http://shop.example:{port}/demo")).await;
    see_refusal(&scene, "UNKNOWN_HOST").await;
    for path in [
        "/lab/v1/export",
        "/metrics",
        "/lab/of/PK00000/export",
        "/kassa/v1/sessions",
        &link.path(scene.dev.url()),
    ] {
        let read = format!(
            "return fetch('{path}', {{headers: {{authorization: '{PUBLISHED}'}}}}) \
             .then(async (answer) => [answer.status, await answer.text()])"
        );
        let read = scene.browser.run(&read).await;
        assert_eq!(read[0], 403, "{path}");
        assert!(read[1].as_str().unwrap().contains("UNKNOWN_HOST"), "{path}: {read}");
    }
    assert_eq!(scene.status_of(&link).await, "WAITING");
}

#[tokio::test]
async fn a_shop_of_another_site_links_and_redirects_to_the_page_and_the_consumer_pays() {
    let scene = Scene::begin().await;
    for (host, way) in [("shop.example", "redirect"), ("localhost", "link"), ("127.0.0.1", "redirect")] {
        let link = scene.link().await;
        let shop =
            format!("<a data-testid=link href='{0}'>Pay</a><img data-testid=code src='{0}/qr'>", link.url);
        let site = Cluster::open(&shop, &link).await;
        scene.browser.visit(&site.url(host, "attack")).await;
        assert_ne!(
            scene
                .browser
                .run("return document.images[0].decode().then(() => document.images[0].naturalWidth)")
                .await,
            0
        );
        match way {
            "link" => scene.browser.press("link").await,
            _ => scene.browser.visit(&site.url(host, "checkout")).await,
        }
        scene.browser.see("pay-page").await;
        scene.browser.pay_as(APPROVED).await;
        scene.paid(&link).await;
    }
}

/// A site on a port of its own: a page at `/attack`, and a redirect to a link at `/checkout`.
struct Cluster {
    port: u16,
}

impl Cluster {
    async fn open(page: &str, link: &PayLink) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (page, link) = (format!("<!doctype html><meta charset=utf-8>{page}"), link.url.clone());
        let router = Router::new()
            .route("/attack", get(|| async { Html(page) }))
            .route("/checkout", get(|| async move { Redirect::to(&link) }));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port }
    }

    /// A page of the site, which is reached by several names.
    fn url(&self, host: &str, page: &str) -> String {
        format!("http://{host}:{}/{page}", self.port)
    }
}

impl PayLink {
    fn path(&self, kassa: &str) -> String {
        self.url.strip_prefix(kassa).unwrap().to_string()
    }
}

/// A form that resets the lab, with the published credential in its address.
fn form(scene: &Scene, content: &str) -> String {
    let action = scene.dev.url().replace("http://", "http://PK00000_dev:dev@");
    format!(
        "<form method=post enctype='{content}' action='{action}/lab/v1/reset'>\
         <input name='{{\"a\":\"' value='\"}}'><button data-testid=send>A prize</button></form>"
    )
}

/// Waits until the browser shows this refusal.
async fn see_refusal(scene: &Scene, code: &str) {
    let shown = format!("return document.body?.innerText.includes('{code}') ?? false");
    let seen = async { while scene.browser.run(&shown).await != Value::Bool(true) {} };
    let patience = std::time::Duration::from_secs(15);
    if tokio::time::timeout(patience, seen).await.is_err() {
        panic!("no {code}: {}", scene.browser.text().await);
    }
}
