//! The shop's style, script and icon.

use axum::extract::Path;
use axum::response::Response;

use super::answer::NotShown;
use crate::developer_page;

pub(super) async fn asset(Path(file): Path<String>) -> Result<Response, NotShown> {
    developer_page::asset(&file).ok_or(NotShown::NoSuchPage)
}
