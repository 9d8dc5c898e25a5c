//! The merchant of a call that the browser SDK makes. Such a call has no login, so its path names the merchant
//! (docs/double.md#faults-of-the-script-and-of-the-calls).

use http::Uri;
use kassa_domain::{MerchantId, PaymentSessionId};
use url::form_urlencoded;

use crate::Lab;

/// The query parameter of the script that names a merchant.
const MERCHANT_PARAMETER: &str = "merchant_id";

/// Returns the merchant whose faults apply to a call, and whose journal records it.
pub(super) async fn merchant_of(lab: &Lab, uri: &Uri) -> Option<MerchantId> {
    let segments: Vec<&str> = uri.path().split('/').skip(1).collect();
    match segments[..] {
        ["kp", "lib", "v1", "api.js"] => merchant_of_script(lab, uri.query().unwrap_or_default()).await,
        ["kp", "v1", "sessions", id, "load" | "start" | "authorize"] => {
            let payment = lab.payments.payment_session(&PaymentSessionId::new(id)).await.ok()??;
            Some(payment.merchant_id)
        }
        _ => None,
    }
}

/// The merchant that the page names. Without a name, it is the merchant of the lab's page.
async fn merchant_of_script(lab: &Lab, query: &str) -> Option<MerchantId> {
    let mut parameters = form_urlencoded::parse(query.as_bytes());
    match parameters.find(|(name, _)| name == MERCHANT_PARAMETER) {
        None => lab.page_merchant.get().cloned(),
        Some((_, id)) => {
            let merchant = lab.accounts.merchant(&MerchantId::new(id)).await.ok()??;
            Some(merchant.id.clone())
        }
    }
}
