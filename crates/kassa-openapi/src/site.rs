//! `/openapi.json` and `/docs`. Both are public, and both are built at the first request.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::document::{Deployment, document};
use crate::routes::Described;

/// The description of the APIs of one deployment.
#[derive(Clone)]
pub struct ApiDocs(Arc<Parts>);

struct Parts {
    deployment: Deployment,
    operations: Vec<Described>,
    file: OnceLock<File>,
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
        Self(Arc::new(Parts { deployment, operations, file: OnceLock::new() }))
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> Value {
        document(&self.0.operations, &self.0.deployment)
    }

    fn file(&self) -> &File {
        self.0.file.get_or_init(|| {
            let json = serde_json::to_vec(&self.document()).expect("the document is JSON");
            let digest = Sha256::digest(&json);
            let tag: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
            let entity_tag = HeaderValue::try_from(format!("\"{tag}\"")).expect("digits and letters");
            File { json: json.into(), entity_tag }
        })
    }
}

/// The routes of the description.
pub fn routes(docs: ApiDocs) -> Router {
    Router::new().route("/openapi.json", get(openapi_json)).with_state(docs)
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
