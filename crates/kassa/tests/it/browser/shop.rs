//! The merchant's shop for the browser: one page for each merchant URL.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{Html, Redirect};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Serves `/{url}` with the test id `shop-{url}`. The page's title is `Scripts run` if the browser runs scripts.
pub struct Shop {
    address: String,
}

impl Shop {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let router =
            Router::new().route("/hop", get(hop)).route("/mark.svg", get(mark)).route("/{url}", get(page));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address }
    }

    /// Every URL that the browser can be sent to.
    pub fn urls(&self) -> Value {
        json!({
            "success": self.url("success?token={{authorization_token}}&sid={{session_id}}"),
            "back": self.url("back"),
            "cancel": self.url("cancel"),
            "failure": self.url("failure"),
            "error": self.url("error"),
        })
    }

    /// Returns a URL of the shop under another host.
    pub fn url_elsewhere(&self, path: &str) -> String {
        self.url(path).replace("127.0.0.1", "www.shop.example")
    }

    /// Returns a URL of the shop that redirects to another address.
    pub fn hop_to(&self, address: &str) -> String {
        let to: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
        self.url(&format!("hop?to={to}"))
    }

    /// Returns a URL of the shop.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.address)
    }
}

async fn hop(Query(query): Query<HashMap<String, String>>) -> Redirect {
    Redirect::to(&query["to"])
}

/// An image.
async fn mark() -> &'static str {
    "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'><rect width='40' height='20'/></svg>"
}

async fn page(Path(url): Path<String>) -> Html<String> {
    Html(format!(
        "<!doctype html><meta charset=utf-8><title>No script</title>\
         <script>document.title = 'Scripts run'</script><main data-testid=shop-{url}>The shop: {url}</main>"
    ))
}
