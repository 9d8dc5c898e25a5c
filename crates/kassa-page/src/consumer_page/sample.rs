//! The pay page with a sample order, for operators who look at a profile. It has no session and no script, and its
//! forms lead nowhere, so nobody can pay on it.

use axum::response::{Html, IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use kassa_domain::page_session::{PageOptions, PaymentMethodCategory};
use kassa_engine::Links;
use kassa_i18n::{Language, Languages};
use kassa_wire::cart::OrderLine as WireLine;

use super::filled::{order_summary, purchase_type, shop};
use super::policy::frame;
use super::view::{Category, Entered, Frame, PayPage, PaymentForm, WayOut};

/// The address of the sample's forms. The policy of the page forbids to send them.
const NOWHERE: &str = "#";

/// The categories of the sample, if the profile chooses none.
const CATEGORIES: [PaymentMethodCategory; 3] =
    [PaymentMethodCategory::PayLater, PaymentMethodCategory::PayNow, PaymentMethodCategory::PayOverTime];

/// The lines of the sample order: type, quantity, price of one unit, discount. They have no names, so the page names
/// them in its language.
const LINES: [(&str, i64, i64, i64); 3] =
    [("physical", 2, 24_900, 4_900), ("physical", 1, 9_900, 0), ("shipping_fee", 1, 4_900, 0)];

/// The currency of the sample order.
const CURRENCY: &str = "EUR";

/// The tax that the sample order contains, in minor units.
const TAX: i64 = 11_960;

/// A page with a sample order.
pub struct SamplePage<'a> {
    /// The name of the shop.
    pub shop_name: &'a str,
    /// The look of the page.
    pub options: &'a PageOptions,
    /// The tag of the language; English if there is no such language.
    pub language: &'a str,
    /// The addresses of the system.
    pub links: &'a Links,
}

impl SamplePage<'_> {
    /// Renders the page. Only a page of the same origin may frame it.
    #[must_use]
    pub fn response(&self, languages: &Languages, nonce: &str) -> Response {
        let mut response = Html(self.html(languages, nonce)).into_response();
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self'; form-action 'none'; base-uri 'none'; \
             frame-ancestors 'self'"
        );
        let policy = HeaderValue::from_str(&policy).expect("sources have letters, digits and a few signs");
        let headers = response.headers_mut();
        headers.insert(CONTENT_SECURITY_POLICY, policy);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }

    fn html(&self, languages: &Languages, nonce: &str) -> String {
        let language = Language::of(self.language).unwrap_or_else(Language::english);
        let (lines, options) = (sample_lines(), self.options);
        let total = lines.iter().map(|line| line.total_amount).sum();
        let of_frame = frame(nonce, language.tag, languages.texts(language));
        let chosen = &options.payment_method_categories;
        let categories = if chosen.is_empty() { &CATEGORIES[..] } else { chosen };
        let identifiers: Vec<_> = categories.iter().map(|one| one.as_str().to_ascii_lowercase()).collect();
        PayPage {
            frame: Frame {
                shop: Some(shop(self.shop_name, options, self.links)),
                script_href: None,
                ..of_frame
            },
            title: options.page_title.as_deref(),
            order: order_summary(
                &lines,
                (CURRENCY, total),
                Some(TAX),
                options.show_subtotal_detail,
                self.links,
            ),
            categories: identifiers
                .iter()
                .zip(categories)
                .map(|(identifier, category)| Category { identifier, name: name_of(*category) })
                .collect(),
            purchase_type: purchase_type(options.purchase_type),
            pay_action: NOWHERE,
            live_href: None,
            way_out: WayOut::Back { action: NOWHERE },
            hidden_inputs: Vec::new(),
            entered: Entered::default(),
            asks_to_sign_up: false,
            errors: Vec::new(),
            notice: None,
            expiry: None,
            payment: PaymentForm::Redirect,
        }
        .html()
    }
}

/// The name of a category, as the sandbox gives it. The page has names of its own for some categories.
const fn name_of(category: PaymentMethodCategory) -> &'static str {
    match category {
        PaymentMethodCategory::DirectDebit => "Direct debit",
        PaymentMethodCategory::DirectBankTransfer => "Direct bank transfer",
        PaymentMethodCategory::PayNow => "Pay now",
        PaymentMethodCategory::PayLater => "Pay later",
        PaymentMethodCategory::PayOverTime => "Pay over time",
        PaymentMethodCategory::Klarna => "Klarna",
    }
}

fn sample_lines() -> Vec<WireLine> {
    let lines = LINES.into_iter().map(|(kind, quantity, unit_price, discount)| WireLine {
        r#type: Some(kind.to_string()),
        quantity,
        unit_price,
        total_discount_amount: Some(discount),
        total_amount: quantity * unit_price - discount,
        ..WireLine::default()
    });
    lines.collect()
}
