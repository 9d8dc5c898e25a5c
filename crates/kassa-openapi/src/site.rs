//! `/openapi.json` and `/docs`. Both are public, and both are built at the first request.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use kassa_developer_page::{add_headers, asset};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::document::{Deployment, document};
use crate::page::render;
use crate::routes::Described;

/// The description of the APIs of one deployment.
#[derive(Clone)]
pub struct ApiDocs(Arc<Parts>);

struct Parts {
    deployment: Deployment,
    operations: Vec<Described>,
    file: OnceLock<File>,
    page: OnceLock<Bytes>,
}

/// The document as a file.
struct File {
    json: Bytes,
    entity_tag: HeaderValue,
}

impl ApiDocs {
    /// Describes these operations.
    #[must_use]
    pub fn new(deployment: Deployment, operations: Vec<Described>) -> Self {
        Self(Arc::new(Parts { deployment, operations, file: OnceLock::new(), page: OnceLock::new() }))
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> Value {
        document(&self.0.operations, &self.0.deployment)
    }

    fn page(&self) -> Bytes {
        let Parts { deployment, operations, page, .. } = &*self.0;
        let render = || {
            let page = render(operations, &self.document(), deployment);
            page.expect("the template writes to memory only").into()
        };
        page.get_or_init(render).clone()
    }

    fn file(&self) -> &File {
        self.0.file.get_or_init(|| {
            let json = serde_json::to_vec(&self.document()).expect("the document is JSON");
            let digest = Sha256::digest(&json);
            let tag = base16ct::lower::encode_string(&digest[..8]);
            let entity_tag = HeaderValue::try_from(format!("\"{tag}\"")).expect("digits and letters");
            File { json: json.into(), entity_tag }
        })
    }
}

/// The routes of the description.
pub fn routes(docs: ApiDocs) -> Router {
    Router::new()
        .route("/openapi.json", get(openapi_json))
        .route("/docs", get(docs_page))
        .route("/docs/assets/{file}", get(docs_asset))
        .with_state(docs)
}

/// The policy of the page: only files of this server.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; \
     frame-ancestors 'none'",
);

async fn docs_page(State(docs): State<ApiDocs>) -> Response {
    let mut response = Html(docs.page()).into_response();
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY);
    add_headers(response.headers_mut());
    response
}

async fn docs_asset(Path(file): Path<String>) -> Response {
    asset(&file).unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

async fn openapi_json(State(docs): State<ApiDocs>, headers: HeaderMap) -> Response {
    let file = docs.file();
    let mut response = match headers.get(IF_NONE_MATCH) == Some(&file.entity_tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => ([(CONTENT_TYPE, "application/json")], file.json.clone()).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(ETAG, file.entity_tag.clone());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
