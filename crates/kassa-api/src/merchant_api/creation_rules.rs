//! The rules for a new page session (docs/wire.md#create-a-page-session, docs/wire.md#merchant-urls,
//! docs/wire.md#page-options): every problem at once, each with its field's path.

use std::collections::BTreeSet;

use kassa_domain::merchant_urls::{MerchantUrl, MerchantUrls};
use kassa_domain::page_session::{
    BackgroundImage, PageOptions, PaymentMethodCategory, PlaceOrderMode, PurchaseType, SubtotalDetail,
};
use kassa_domain::payment_session::{AuthorizationPurpose, Offer};
use kassa_engine::{Links, is_picture};
use kassa_http::{ApiError, CalledHost};
use kassa_wire::error::ErrorCode;
use kassa_wire::hpp;
use url::Url;

use super::hosted_payment::{HOST_RULE, HostedPayment, NoPayment, Reach};

/// The longest merchant URL in characters; KP's own limit, since HPP names none (docs/wire.md#merchant-urls).
const LONGEST_URL: usize = 2000;

/// The message about a merchant URL that is not allowed.
const LINK_RULE: &str = "A merchant URL leads to https, to http, to an app by a scheme like com.example.app, or to an \
                         app by a \
                         scheme of one word that is registered (app_schemes), as myshop://paid";

/// The message about a picture that is not allowed.
const PICTURE_RULE: &str =
    "The address of a picture is https or http, and its host has letters, digits, dots and -";

/// The fields whose values are not allowed, and the rules that they break.
#[derive(Default)]
struct Problems {
    paths: Vec<String>,
    rules: BTreeSet<&'static str>,
}

impl Problems {
    fn push(&mut self, path: String) {
        self.paths.push(path);
    }

    fn push_with(&mut self, path: String, rule: &'static str) {
        self.paths.push(path);
        self.rules.insert(rule);
    }

    /// The vendor's messages first, which clients may read by their form.
    fn into_error(self) -> Option<ApiError> {
        let mut messages: Vec<String> = self.paths.iter().map(|path| format!("Bad value: {path}")).collect();
        let is_good = messages.is_empty();
        messages.extend(self.rules.into_iter().map(str::to_string));
        (!is_good).then_some(ApiError::Refused(ErrorCode::BadValue, messages))
    }
}

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
    creation: hpp::SessionCreation,
    links: &Links,
    called_host: &CalledHost,
    reach: Reach,
) -> Result<ValidCreation, ApiError> {
    let mut problems = Problems::default();
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
    let merchant_urls = merchant_urls(creation.merchant_urls.unwrap_or_default());
    check_urls(&merchant_urls, links, &mut problems);
    let given = creation.options.unwrap_or_default();
    let category_field = category_field(&given);
    let mut options = options(given, &mut problems);
    options.profile_id = creation.profile_id;
    match (problems.into_error(), payment_session) {
        (None, Some(payment_session)) => {
            Ok(ValidCreation { payment_session, merchant_urls, options, category_field })
        }
        (Some(error), _) => Err(error),
        (None, None) => Err(ApiError::bad_values(["payment_session_url"])),
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

fn merchant_urls(given: hpp::MerchantUrls) -> MerchantUrls {
    let hpp::MerchantUrls { success, cancel, back, failure, error, status_update } = given;
    MerchantUrls { success, cancel, back, failure, error, status_update }
}

fn check_urls(urls: &MerchantUrls, links: &Links, problems: &mut Problems) {
    for which in MerchantUrl::ALL {
        let Some(url) = urls.given(which) else { continue };
        let path = format!("merchant_urls.{which}");
        match which {
            MerchantUrl::StatusUpdate if is_callable(url, links.allows_http_callbacks()) => {}
            MerchantUrl::StatusUpdate => problems.push(path),
            MerchantUrl::Success
            | MerchantUrl::Cancel
            | MerchantUrl::Back
            | MerchantUrl::Failure
            | MerchantUrl::Error => {
                if !is_readable(url) || !links.may_redirect_to_filled(url, which) {
                    problems.push_with(path, LINK_RULE);
                }
            }
        }
    }
}

/// Whether a URL is short enough, and one line.
fn is_readable(url: &str) -> bool {
    url.chars().count() <= LONGEST_URL && !url.contains(char::is_control)
}

/// Whether Kassa may send callbacks to a URL: https, or http if the configuration allows it, and no user name.
fn is_callable(url: &str, allows_http: bool) -> bool {
    is_readable(url)
        && Url::parse(url).is_ok_and(|url| {
            let has_good_scheme = url.scheme() == "https" || (allows_http && url.scheme() == "http");
            has_good_scheme && url.has_host() && url.username().is_empty() && url.password().is_none()
        })
}

fn options(given: hpp::Options, problems: &mut Problems) -> PageOptions {
    let defaults = PageOptions::default();
    let categories = categories(&given, problems);
    PageOptions {
        place_order_mode: word(given.place_order_mode, "place_order_mode", PlaceOrderMode::parse, problems)
            .unwrap_or(defaults.place_order_mode),
        payment_method_categories: categories,
        payment_fallback: given.payment_fallback.unwrap_or_default(),
        purchase_type: word(given.purchase_type, "purchase_type", PurchaseType::parse, problems)
            .unwrap_or(defaults.purchase_type),
        page_title: given.page_title.filter(|title| !title.trim().is_empty()),
        logo_url: image_url(given.logo_url, "options.logo_url", problems),
        background_images: background_images(given.background_images.unwrap_or_default(), problems),
        show_subtotal_detail: word(
            given.show_subtotal_detail,
            "show_subtotal_detail",
            SubtotalDetail::parse,
            problems,
        ),
        profile_id: None,
    }
}

/// Reads a word in any letter case; an empty one counts as absent.
fn word<T>(
    given: Option<String>,
    field: &str,
    parse: impl Fn(&str) -> Option<T>,
    problems: &mut Problems,
) -> Option<T> {
    let given = given.filter(|word| !word.is_empty())?;
    let parsed = parse(&given);
    if parsed.is_none() {
        problems.push(format!("options.{field}"));
    }
    parsed
}

fn category_field(given: &hpp::Options) -> &'static str {
    match given.payment_method_category.as_deref() {
        Some(word) if !word.is_empty() => "options.payment_method_category",
        Some(_) | None => "options.payment_method_categories",
    }
}

/// One category or a list of them, never both (docs/wire.md#page-options).
fn categories(given: &hpp::Options, problems: &mut Problems) -> Vec<PaymentMethodCategory> {
    let single = given.payment_method_category.as_deref().filter(|word| !word.is_empty());
    let list = given.payment_method_categories.as_deref().unwrap_or_default();
    if single.is_some() && !list.is_empty() {
        problems.push("options.payment_method_category".to_string());
        return Vec::new();
    }
    let named = single.map(|word| (word, "options.payment_method_category".to_string())).into_iter().chain(
        list.iter()
            .enumerate()
            .map(|(index, word)| (word.as_str(), format!("options.payment_method_categories[{index}]"))),
    );
    let mut categories = Vec::new();
    for (word, path) in named {
        match PaymentMethodCategory::parse(word) {
            Some(category) => categories.push(category),
            None => problems.push(path),
        }
    }
    categories
}

fn background_images(given: Vec<hpp::BackgroundImage>, problems: &mut Problems) -> Vec<BackgroundImage> {
    let mut images = Vec::new();
    for (index, image) in given.into_iter().enumerate() {
        let path = format!("options.background_images[{index}]");
        let url = image_url(image.url, &format!("{path}.url"), problems);
        match (url, image.width.unwrap_or(0)) {
            (Some(url), width @ 0..=100_000) => images.push(BackgroundImage { url, width }),
            (Some(_), _) => problems.push(format!("{path}.width")),
            (None, _) => {}
        }
    }
    images
}

/// The address of an image: https, or http, since the demo shop has its own on this machine.
fn image_url(given: Option<String>, path: &str, problems: &mut Problems) -> Option<String> {
    let given = given.filter(|url| !url.is_empty())?;
    if given.len() <= LONGEST_URL && is_picture(&given) {
        return Some(given);
    }
    problems.push_with(path.to_string(), PICTURE_RULE);
    None
}
