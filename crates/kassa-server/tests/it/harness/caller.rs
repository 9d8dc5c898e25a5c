//! A caller of the API without a socket.

use axum::body::{Body, Bytes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, Request};
use http_body_util::BodyExt;
use kassa_server::Routing;
use serde_json::Value;
use tower::ServiceExt;

#[derive(Clone)]
pub struct Caller {
    router: Routing,
    authorization: String,
}

impl Caller {
    pub fn new(router: Routing, username: &str, password: &str) -> Self {
        let basic = STANDARD.encode(format!("{username}:{password}"));
        Self { router, authorization: format!("Basic {basic}") }
    }

    /// The same system, called with another credential.
    pub fn with(&self, username: &str, password: &str) -> Self {
        Self::new(self.router.clone(), username, password)
    }

    pub async fn call(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let (status, bytes) = self.exchange(method, path, body).await;
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// Sends a form of a page.
    pub async fn send(&self, path: &str, form: &str) -> u16 {
        let request = Request::builder().method(Method::POST).uri(path);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = self.router.clone().oneshot(request.body(Body::from(form.to_string())).unwrap()).await;
        answer.unwrap().status().as_u16()
    }

    /// A page that is text.
    pub async fn page(&self, path: &str) -> String {
        let (_, bytes) = self.exchange(Method::GET, path, Body::empty()).await;
        String::from_utf8_lossy(&bytes).into_owned()
    }

    async fn exchange(&self, method: Method, path: &str, body: Body) -> (u16, Bytes) {
        let request =
            Request::builder().method(method).uri(path).header("authorization", &self.authorization);
        let answer = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.into_body().collect().await.unwrap().to_bytes())
    }
}
