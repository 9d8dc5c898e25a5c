//! Keeps the consumer's input for the next visit of the page, in a cookie of the page's own path
//! (docs/decisions/0045-typed-values-are-kept-in-a-cookie.md).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::HeaderMap;
use http::request::Parts;
use kassa_http::cookie_in;
use url::form_urlencoded;

use super::cookie::PageCookies;
use super::form::PayForm;
use super::pages::Pages;
use super::view::Field;

const NAME: &str = "kassa_typed";

/// The hidden field that says that the page offers the other categories after a decline.
const FELL_BACK: &str = "fell_back";

/// The time for which the browser keeps the cookie, in seconds.
const LIFETIME_S: u32 = 3600;

/// The longest cookie. Browsers drop longer ones than 4096 characters, with their attributes.
const LONGEST: usize = 3500;

/// The input of an earlier visit, as the browser kept it. It only fills in the form, so it is not trusted.
pub(super) struct Typed(pub(super) PayForm);

impl<S: Sync> FromRequestParts<S> for Typed {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(cookie_in(&parts.headers, NAME).map(read).unwrap_or_default()))
    }
}

/// Whether the browser keeps input for this page.
pub(super) fn is_kept(headers: &HeaderMap) -> bool {
    cookie_in(headers, NAME).is_some()
}

/// The cookie of one page.
pub(super) struct TypedCookie<'a>(PageCookies<'a>);

impl<'a> TypedCookie<'a> {
    pub(super) fn of(pages: &'a Pages, token: &'a str) -> Self {
        Self(PageCookies::of(pages, token))
    }

    /// Has the browser keep the input, if there is any. The one-time code is not kept, because it is valid only once.
    pub(super) fn keep(&self, response: &mut Response, form: &PayForm) {
        if form.is_filled_in() {
            // The next visit begins with the merchant's own categories.
            self.set(response, &PayForm { fell_back: None, ..form.clone() });
        }
    }

    /// Has the browser keep everything that the same page shows again at once, also a choice alone.
    pub(super) fn keep_for_the_same_page(&self, response: &mut Response, form: &PayForm) {
        if form.is_filled_in() || form.has_choice() {
            self.set(response, form);
        }
    }

    fn set(&self, response: &mut Response, form: &PayForm) {
        let value = written(form);
        if value.len() <= LONGEST {
            self.0.set(response, (NAME, &value), LIFETIME_S);
        }
    }

    /// Has the browser delete the input.
    pub(super) fn forget(&self, response: &mut Response) {
        self.0.set(response, (NAME, ""), 0);
    }
}

fn written(form: &PayForm) -> String {
    let fields = [
        (Field::Category.name(), Some(form.payment_method_category.as_str())),
        (Field::Email.name(), Some(form.email.as_str())),
        (Field::GivenName.name(), form.given_name.as_deref()),
        (Field::FamilyName.name(), form.family_name.as_deref()),
        (Field::DateOfBirth.name(), form.date_of_birth.as_deref()),
        (FELL_BACK, form.fell_back.as_deref()),
    ];
    let given = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish()
}

fn read(cookie: &str) -> PayForm {
    let mut form = PayForm::default();
    for (name, value) in form_urlencoded::parse(cookie.as_bytes()) {
        let value = value.into_owned();
        match &*name {
            "payment_method_category" => form.payment_method_category = value,
            "email" => form.email = value,
            "given_name" => form.given_name = Some(value),
            "family_name" => form.family_name = Some(value),
            "date_of_birth" => form.date_of_birth = Some(value),
            FELL_BACK => form.fell_back = Some(value),
            _ => {}
        }
    }
    form
}
