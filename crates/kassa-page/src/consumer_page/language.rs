//! The language of a page: that of the payment session, until the consumer chooses another one
//! (docs/decisions/0077-texts-are-fluent-files.md).

use std::borrow::Cow;
use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path, Request, State};
use axum::response::Response;
use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use http::request::Parts;
use kassa_http::{ApiError, cookie_in};
use kassa_i18n::{Language, accepted_languages, languages_of_country};
use kassa_wire::error::ErrorCode;

use super::cookie::PageCookies;
use super::form::PayForm;
use super::pages::{Pages, opened};
use super::show::see_other;
use super::typed::TypedCookie;

/// The cookie with the tag of the language that the consumer chose.
const NAME: &str = "kassa_language";

/// The time for which the browser keeps the choice, in seconds: as long as a link can be paid.
const LIFETIME_S: u32 = 48 * 3600;

/// The largest number of languages that a page offers.
const LARGEST_OFFER: usize = 6;

/// The languages that a request asks for.
pub(super) struct LanguagePreference {
    /// The consumer's choice.
    chosen: Option<&'static Language>,
    /// The languages of the browser, the preferred one first.
    accepted: Vec<&'static Language>,
}

/// The language of a page, and the locale in which it writes amounts.
pub(super) struct PageLanguage<'a> {
    pub(super) language: &'static Language,
    pub(super) locale: Cow<'a, str>,
}

/// A page that can be shown in another language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PagePath {
    /// The page that the link opens.
    Entrance,
    Outcome,
    Cancel,
    Confirming,
    Returned,
}

impl<S: Sync> FromRequestParts<S> for LanguagePreference {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

impl LanguagePreference {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Self {
            chosen: cookie_in(headers, NAME).and_then(with_tag),
            accepted: accepted.map(accepted_languages).unwrap_or_default(),
        }
    }

    /// The language of a page without a payment session: the chosen one, or that of the browser.
    pub(super) fn without_session(&self) -> &'static Language {
        self.chosen.or_else(|| self.accepted.first().copied()).unwrap_or_else(Language::english)
    }

    /// The language of a page for a payment session of this locale. A chosen language keeps the region of the session.
    pub(super) fn for_session<'a>(&self, locale: &'a str) -> PageLanguage<'a> {
        let own = own_language(locale);
        match self.chosen.filter(|chosen| *chosen != own) {
            None => PageLanguage { language: own, locale: locale.into() },
            Some(chosen) => {
                let region = locale.split_once('-').map(|(_, region)| format!("-{region}"));
                let locale = format!("{}{}", chosen.tag, region.unwrap_or_default());
                PageLanguage { language: chosen, locale: locale.into() }
            }
        }
    }

    /// The languages that a page offers: that of the session, those of the country, English, and those of the browser.
    /// The shown one is always among them.
    pub(super) fn offered(&self, locale: &str, country: &str) -> Vec<&'static Language> {
        let own = own_language(locale);
        let of_country = languages_of_country(country);
        let candidates = [own, self.chosen.unwrap_or(own)].into_iter().chain(of_country);
        let candidates = candidates.chain([Language::english()]).chain(self.accepted.iter().copied());
        let mut offered = Vec::with_capacity(LARGEST_OFFER);
        for language in candidates {
            if offered.len() < LARGEST_OFFER && !offered.contains(&language) {
                offered.push(language);
            }
        }
        offered.sort_by_key(|language| language.tag);
        offered
    }
}

impl PagePath {
    const ALL: [Self; 5] = [Self::Entrance, Self::Outcome, Self::Cancel, Self::Confirming, Self::Returned];

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|path| path.name() == name)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Entrance => "page",
            Self::Outcome => "outcome",
            Self::Cancel => "cancel",
            Self::Confirming => "confirming",
            Self::Returned => "returned",
        }
    }

    /// The address of the page.
    fn address(self, token: &str) -> String {
        match self {
            Self::Entrance => format!("/pay/{token}"),
            Self::Outcome | Self::Cancel | Self::Confirming | Self::Returned => {
                format!("/pay/{token}/{}", self.name())
            }
        }
    }

    /// The address that takes the choice of a language for the page.
    pub(super) fn language_action(self, token: &str) -> String {
        format!("/pay/{token}/language/{}", self.name())
    }
}

/// Keeps the language that the consumer chose, and the input of the form, and shows the page again. It changes nothing
/// else.
pub(super) async fn choose(
    State(pages): State<Pages>,
    Path((token, page)): Path<(String, String)>,
    request: Request,
) -> Result<Response, ApiError> {
    let form = PayForm::left_behind(request, &pages).await;
    let page = PagePath::of(&page).ok_or_else(|| ApiError::without_message(ErrorCode::NotFound))?;
    match opened(&pages, &token).await {
        // An expired link has a page, too.
        Ok(_) | Err(ApiError::Refused(ErrorCode::Gone, _)) => {}
        Err(error) => return Err(error),
    }
    let mut response = see_other(&page.address(&token));
    if let Some(language) = form.language.as_deref().and_then(with_tag) {
        PageCookies::of(&pages, &token).set(&mut response, (NAME, language.tag), LIFETIME_S);
    }
    TypedCookie::of(&pages, &token).keep_for_the_same_page(&mut response, &form);
    Ok(response)
}

/// Shows the page if somebody opens the address of the switch by hand.
pub(super) async fn not_chosen(
    State(pages): State<Pages>,
    Path((token, page)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let page = PagePath::of(&page).ok_or_else(|| ApiError::without_message(ErrorCode::NotFound))?;
    opened(&pages, &token).await?;
    Ok(see_other(&page.address(&token)))
}

fn own_language(locale: &str) -> &'static Language {
    Language::of(locale).unwrap_or_else(Language::english)
}

fn with_tag(tag: &str) -> Option<&'static Language> {
    Language::all().find(|language| language.tag == tag)
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;

    use super::*;

    fn preference(cookie: &str, accepted: &str) -> LanguagePreference {
        let headers = [(COOKIE, cookie), (ACCEPT_LANGUAGE, accepted)];
        LanguagePreference::of(
            &headers.into_iter().map(|(name, value)| (name, value.parse().unwrap())).collect(),
        )
    }

    #[test]
    fn the_choice_decides_and_else_the_session_and_else_the_browser() {
        for (cookie, locale, shown) in [
            ("", "sv-SE", ("sv", "sv-SE")),
            ("kassa_language=de", "sv-SE", ("de", "de-SE")),
            ("kassa_language=sv", "sv-FI", ("sv", "sv-FI")),
            ("a=b; kassa_language=ar", "EN", ("ar", "ar")),
            ("kassa_language=xx", "sv-SE", ("sv", "sv-SE")),
            ("", "zh-CN", ("en", "zh-CN")),
            ("kassa_language=en", "zh-CN", ("en", "zh-CN")),
        ] {
            let preference = preference(cookie, "fr");
            let PageLanguage { language, locale: shown_locale } = preference.for_session(locale);
            assert_eq!((language.tag, &*shown_locale), shown, "{cookie}, {locale}");
        }
        assert_eq!(preference("kassa_language=de", "fr").without_session().tag, "de");
        assert_eq!(preference("", "zh, fr").without_session().tag, "fr");
        assert_eq!(preference("", "zh").without_session().tag, "en");
    }

    #[test]
    fn a_page_offers_few_languages_and_always_the_shown_one() {
        for (cookie, accepted, locale, country, offered) in [
            ("", "", "en-GB", "GB", "en"),
            ("", "", "sv-SE", "SE", "en sv"),
            ("", "ar, sv;q=0.5", "sv-SE", "SE", "ar en sv"),
            ("", "", "nl-BE", "BE", "de en fr nl"),
            ("kassa_language=uk", "", "sv-SE", "SE", "en sv uk"),
            ("kassa_language=uk", "et,lv,lt,pl,fi", "de-CH", "CH", "de en et fr it uk"),
        ] {
            let tags: Vec<_> = preference(cookie, accepted)
                .offered(locale, country)
                .iter()
                .map(|language| language.tag)
                .collect();
            assert_eq!(tags.join(" "), offered);
        }
    }

    #[test]
    fn each_page_is_found_by_its_name() {
        for path in PagePath::ALL {
            assert_eq!(PagePath::of(path.name()), Some(path));
        }
        assert_eq!(PagePath::of("pay"), None);
    }
}
