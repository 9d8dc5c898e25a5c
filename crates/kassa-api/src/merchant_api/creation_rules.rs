//! The rules for a new page session (docs/wire.md#create-a-page-session, docs/wire.md#merchant-urls,
//! docs/wire.md#page-options): every problem at once, each with its field's path.

use kassa_domain::merchant_urls::MerchantUrls;
use kassa_domain::page_session::{PageOptions, PaymentMethodCategory, PlaceOrderMode};
use kassa_domain::payment_session::{AuthorizationPurpose, Offer};
use kassa_engine::{
    AppliedProfile, BadFields, FilledCreation, Links, merchant_urls, page_options, shop_colors, shop_links,
};
use kassa_http::{ApiError, CalledHost};
use kassa_wire::error::ErrorCode;
use kassa_wire::hpp;

use super::hosted_payment::{HOST_RULE, HostedPayment, NoPayment, Reach};

/// The message about a profile that the merchant does not have.
const PROFILE_RULE: &str = "The merchant has no profile with this id: an operator creates it with kassa profile add, \
                            or the call omits profile_id";

/// A creation in which every field is valid.
pub(super) struct ValidCreation {
    /// The payment that the URL names.
    pub(super) payment_session: HostedPayment,
    pub(super) merchant_urls: MerchantUrls,
    pub(super) options: PageOptions,
    /// The field in which the merchant chose categories.
    category_field: &'static str,
}

/// Accepts a creation, or names every invalid field.
pub(super) fn accept(
    filled: FilledCreation,
    links: &Links,
    called_host: &CalledHost,
    reach: Reach,
) -> Result<ValidCreation, ApiError> {
    let mut problems = BadFields::default();
    let FilledCreation { creation, profile, links: shop, colors } = filled;
    let url = creation.payment_session_url.as_deref();
    let named = url.map(|url| HostedPayment::of(url, links, called_host, reach));
    let payment_session = match named {
        Some(Ok(payment_session)) => Some(payment_session),
        Some(Err(NoPayment::Elsewhere)) => {
            problems.push_with("payment_session_url".to_string(), HOST_RULE);
            None
        }
        Some(Err(NoPayment::Unreadable)) | None => {
            problems.push("payment_session_url".to_string());
            None
        }
    };
    let merchant_urls = merchant_urls(creation.merchant_urls.unwrap_or_default(), links, &mut problems);
    let given = creation.options.unwrap_or_default();
    let category_field = category_field(&given);
    let mut options = page_options(given, &mut problems);
    options.links = shop_links(shop, &mut problems);
    options.colors = shop_colors(colors);
    match profile {
        AppliedProfile::Nothing => {}
        AppliedProfile::Filled(id) => options.profile_id = Some(id),
        AppliedProfile::Unknown => problems.push_with("profile_id".to_string(), PROFILE_RULE),
    }
    match payment_session {
        Some(payment_session) if problems.is_empty() => {
            Ok(ValidCreation { payment_session, merchant_urls, options, category_field })
        }
        Some(_) | None => Err(ApiError::Refused(ErrorCode::BadValue, problems.messages())),
    }
}

/// Checks the options that depend on the payment session. The chosen categories must be among those that it offers, and
/// only a payment session that gives an order lets the page place it (docs/wire.md#page-options).
pub(super) fn check_offer(valid: &ValidCreation, offer: &Offer) -> Result<(), ApiError> {
    let options = &valid.options;
    if options.place_order_mode != PlaceOrderMode::None && offer.purpose == AuthorizationPurpose::NoOrder {
        return Err(ApiError::bad_values(["options.place_order_mode"]));
    }

    let is_offered = |chosen: &PaymentMethodCategory| {
        offer.categories.iter().any(|offered| offered.identifier.eq_ignore_ascii_case(chosen.as_str()))
    };
    if options.payment_method_categories.iter().all(is_offered) {
        return Ok(());
    }
    Err(ApiError::bad_values([valid.category_field]))
}

fn category_field(given: &hpp::Options) -> &'static str {
    match given.payment_method_category.as_deref() {
        Some(word) if !word.is_empty() => "options.payment_method_category",
        Some(_) | None => "options.payment_method_categories",
    }
}
