//! The description of the APIs. Each crate with an API declares its routes as [`ApiRoutes`], with an
//! [`ApiOperation`] for each method. From them come the OpenAPI document, the page `/docs`, and the commands for curl.

mod curl;
mod document;
mod operation;
mod page;
mod plain_text;
mod recorded;
mod routes;
mod site;

pub use curl::{RepeatableCall, quoted, read_again, repeated};
pub use document::{Deployment, ExampleCredential, document};
pub use operation::{
    Answer, AnswerHeader, ApiOperation, BodyDescription, CallerKind, Content, FieldWords, Kept, KeptPart,
    Parameter, Place, Values,
};
pub use routes::{ApiRoutes, Described, Group, Methods, Wire, delete, get, patch, post, put};
pub use site::{ApiDocs, routes as docs_routes};
