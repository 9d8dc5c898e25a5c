//! The rules for the merchant URLs and the options of a page session (docs/wire.md#merchant-urls,
//! docs/wire.md#page-options). They are the same for the values of a profile.

use std::collections::BTreeSet;

use kassa_domain::merchant_urls::{MerchantUrl, MerchantUrls};
use kassa_domain::page_session::{
    BackgroundImage, PageOptions, PaymentMethodCategory, PlaceOrderMode, PurchaseType, ShopColors, ShopLinks,
    SubtotalDetail,
};
use kassa_wire::hpp;
use kassa_wire::kassa::{ProfileColors, ProfileLinks};
use url::Url;

use crate::links::Links;
use crate::merchant_links::is_picture;

/// The longest merchant URL in characters; KP's own limit, since HPP names none (docs/wire.md#merchant-urls).
const LONGEST_URL: usize = 2000;

/// The message about a merchant URL that is not allowed.
const LINK_RULE: &str = "A merchant URL leads to https, to http, to an app by a scheme like com.example.app, or to an \
                         app by a \
                         scheme of one word that is registered (app_schemes), as myshop://paid";

/// The message about a picture that is not allowed.
const PICTURE_RULE: &str =
    "The address of a picture is https or http, and its host has letters, digits, dots and -";

/// The message about a link of the shop that is not allowed.
const SHOP_LINK_RULE: &str = "A link of the shop begins with https:// and has no user name";

/// The fields whose values are not allowed, and the rules that they break.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BadFields {
    paths: Vec<String>,
    rules: BTreeSet<&'static str>,
}

impl BadFields {
    /// Adds a field by its path, such as `options.logo_url`.
    pub fn push(&mut self, path: String) {
        self.paths.push(path);
    }

    /// Adds a field, and the rule that its value breaks, in words for people.
    pub fn push_with(&mut self, path: String, rule: &'static str) {
        self.paths.push(path);
        self.rules.insert(rule);
    }

    /// Whether all values are allowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// The messages for the caller: the vendor's first, which clients may read by their form, and then the rules.
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        let paths = self.paths.iter().map(|path| format!("Bad value: {path}"));
        paths.chain(self.rules.iter().map(|rule| (*rule).to_string())).collect()
    }
}

/// The merchant URLs of a session. `problems` gets those that are not allowed.
pub fn merchant_urls(given: hpp::MerchantUrls, links: &Links, problems: &mut BadFields) -> MerchantUrls {
    let hpp::MerchantUrls { success, cancel, back, failure, error, status_update } = given;
    let urls = MerchantUrls { success, cancel, back, failure, error, status_update };
    check_urls(&urls, links, problems);
    urls
}

fn check_urls(urls: &MerchantUrls, links: &Links, problems: &mut BadFields) {
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

/// The links of a session to the shop's own pages. `problems` gets those that are not allowed.
pub fn shop_links(given: ProfileLinks, problems: &mut BadFields) -> ShopLinks {
    let ProfileLinks { terms, privacy, support } = given;
    let mut link = |given: Option<String>, field: &str| {
        let url = given.filter(|url| !url.is_empty())?;
        if is_shop_link(&url) {
            return Some(url);
        }
        problems.push_with(format!("links.{field}"), SHOP_LINK_RULE);
        None
    };
    ShopLinks {
        terms: link(terms, "terms"),
        privacy: link(privacy, "privacy"),
        support: link(support, "support"),
    }
}

/// The colours of a session's pages.
#[must_use]
pub fn shop_colors(given: ProfileColors) -> ShopColors {
    let ProfileColors { accent, background } = given;
    ShopColors { accent, background }
}

/// Whether the consumer's page may link to an address of the shop: it is https, without a user.
#[must_use]
pub fn is_shop_link(url: &str) -> bool {
    is_readable(url)
        && Url::parse(url).is_ok_and(|url| {
            url.scheme() == "https" && url.has_host() && url.username().is_empty() && url.password().is_none()
        })
}

/// The options of a session. `problems` gets those that are not allowed.
pub fn page_options(given: hpp::Options, problems: &mut BadFields) -> PageOptions {
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
        links: ShopLinks::default(),
        colors: ShopColors::default(),
    }
}

/// Reads a word in any letter case; an empty one counts as absent.
fn word<T>(
    given: Option<String>,
    field: &str,
    parse: impl Fn(&str) -> Option<T>,
    problems: &mut BadFields,
) -> Option<T> {
    let given = given.filter(|word| !word.is_empty())?;
    let parsed = parse(&given);
    if parsed.is_none() {
        problems.push(format!("options.{field}"));
    }
    parsed
}

/// One category or a list of them, never both (docs/wire.md#page-options).
fn categories(given: &hpp::Options, problems: &mut BadFields) -> Vec<PaymentMethodCategory> {
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

fn background_images(given: Vec<hpp::BackgroundImage>, problems: &mut BadFields) -> Vec<BackgroundImage> {
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
fn image_url(given: Option<String>, path: &str, problems: &mut BadFields) -> Option<String> {
    let given = given.filter(|url| !url.is_empty())?;
    if given.len() <= LONGEST_URL && is_picture(&given) {
        return Some(given);
    }
    problems.push_with(path.to_string(), PICTURE_RULE);
    None
}
