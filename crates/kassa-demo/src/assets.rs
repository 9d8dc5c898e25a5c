//! Serves the shop's stylesheet, script and icon.

use axum::extract::Path;
use axum::response::Response;

use super::answer::ShopError;

pub(super) async fn asset(Path(file): Path<String>) -> Result<Response, ShopError> {
    kassa_developer_page::asset(&file).ok_or(ShopError::NoSuchPage)
}
