//! The consumer's pages: one struct per page, which its `html` method renders.

mod form;
mod in_store;
mod order;
mod outcome;
mod switch;

use askama::Template;
use kassa_colors::Palette;
use kassa_engine::AppSchemes;

use kassa_i18n::Texts;

pub(crate) use form::{Category, Entered, Field, FieldError, Notice, PurchaseType, WayOut};
pub(crate) use in_store::{DisplayPage, IdCheckCard, SendForms, StaffNotice, StaffPage};
pub(crate) use order::{Amount, LineKind, OrderLine, OrderSummary, Receipt, SubtotalDetail};
pub(crate) use outcome::Outcome;
pub(crate) use switch::{LanguageSwitch, SwitchPlace};

/// The values that every page needs: the language, the files it loads, and the shop.
pub(crate) struct Frame<'a> {
    /// The texts in the language of the page.
    pub(crate) texts: &'a Texts,
    /// Locale of the payment session, such as `sv-SE`. It selects the format of amounts.
    pub(crate) locale: &'a str,
    /// The nonce of the answer's content security policy.
    pub(crate) nonce: &'a str,
    /// Address of `pay.css`, such as `/assets/pay-5f0c.css`.
    pub(crate) stylesheet_href: &'a str,
    /// Address of `pay.js`, an ES module; `None` for a page without a script.
    pub(crate) script_href: Option<&'a str>,
    /// Address of `kassa.svg`, the icon in the browser's tab.
    pub(crate) icon_href: &'a str,
    /// The shop that is paid; `None` if it is unknown, as for an unknown link.
    pub(crate) shop: Option<Shop<'a>>,
    /// The languages in which the page can be shown; `None` if it cannot be shown again.
    pub(crate) switch: Option<LanguageSwitch>,
}

/// The shop's name and pictures.
#[derive(Clone, Default)]
pub(crate) struct Shop<'a> {
    /// The name of the merchant.
    pub(crate) name: &'a str,
    /// Kassa's own address of the merchant's logo.
    pub(crate) logo_href: Option<String>,
    /// The merchant's `background_images`; the browser picks the best match.
    pub(crate) background_images: Vec<BackgroundImage>,
    /// The shop's own pages, to which the page links at its foot.
    pub(crate) links: ShopLinks<'a>,
    /// The shop's colours; `None` for Kassa's own.
    pub(crate) palette: Option<Palette>,
}

/// The addresses of the shop's own pages.
#[derive(Clone, Copy, Default)]
pub(crate) struct ShopLinks<'a> {
    /// The terms and conditions.
    pub(crate) terms: Option<&'a str>,
    /// The privacy policy.
    pub(crate) privacy: Option<&'a str>,
    /// The customer support.
    pub(crate) support: Option<&'a str>,
}

/// A background picture of the page.
#[derive(Clone)]
pub(crate) struct BackgroundImage {
    /// Kassa's own address of the picture. It has no blank and no comma, at which `srcset` splits.
    pub(crate) href: String,
    /// Screen width that it suits best, in CSS pixels.
    pub(crate) width: i64,
}

/// The page on which the consumer pays.
#[derive(Template)]
#[template(path = "pay/pay.html")]
pub(crate) struct PayPage<'a> {
    /// The language, the files and the shop.
    pub(crate) frame: Frame<'a>,
    /// The merchant's `page_title`; `None` for "Complete your purchase" in the consumer's language.
    pub(crate) title: Option<&'a str>,
    /// The order's lines and amounts.
    pub(crate) order: OrderSummary<'a>,
    /// The ways to pay. The page states a single one, and lets the consumer choose among several.
    pub(crate) categories: Vec<Category<'a>>,
    /// The verb on the pay button.
    pub(crate) purchase_type: PurchaseType,
    /// The address that receives the pay form.
    pub(crate) pay_action: &'a str,
    /// The address that tells the browser when the order changes, or that there is nothing left to pay; `None` if the
    /// page does not follow its session.
    pub(crate) live_href: Option<String>,
    /// The button or link for leaving without paying.
    pub(crate) way_out: WayOut<'a>,
    /// Hidden inputs (name, value) of every form on the page.
    pub(crate) hidden_inputs: Vec<(&'a str, &'a str)>,
    /// The consumer's earlier input.
    pub(crate) entered: Entered<'a>,
    /// Whether the page also asks for a new consumer's name and date of birth.
    pub(crate) asks_to_sign_up: bool,
    /// The errors of the posted form; empty on the first visit.
    pub(crate) errors: Vec<FieldError>,
    /// A message above everything else.
    pub(crate) notice: Option<Notice>,
    /// The warning that the link expires soon.
    pub(crate) expiry: Option<ExpiryWarning>,
    /// How the consumer pays.
    pub(crate) payment: PaymentForm<'a>,
}

/// The warning that the link expires soon. The browser writes the time by the consumer's clock.
pub(crate) struct ExpiryWarning {
    /// The text before and after the time.
    pub(crate) around: (String, String),
    /// The instant, such as `2026-01-03T07:00:43.507Z`.
    pub(crate) instant: String,
    /// The time of day in UTC, such as `07:00`.
    pub(crate) utc: String,
}

/// How the consumer pays.
pub(crate) enum PaymentForm<'a> {
    /// In the page's own fields: in the sandbox, whose test values the page explains.
    Fields,
    /// In the form of the payment system's script.
    Script(ScriptForm<'a>),
    /// On a page of the payment system, to which the button leads.
    Redirect,
}

/// The place for the form of a payment system's script.
pub(crate) struct ScriptForm<'a> {
    /// Address of `klarna.js`, the module that runs the payment system's script.
    pub(crate) runner_href: &'a str,
    /// Address of the payment system's script.
    pub(crate) src: &'a str,
    /// The token with which the script finds the payment session.
    pub(crate) client_token: &'a str,
    /// The path of the page: `/pay/{token}`.
    pub(crate) page: String,
}

/// The page that asks the consumer to confirm a cancellation.
#[derive(Template)]
#[template(path = "pay/cancel.html")]
pub(crate) struct CancelConfirmPage<'a> {
    /// The language, the files and the shop.
    pub(crate) frame: Frame<'a>,
    /// The address that receives "Yes, cancel the purchase".
    pub(crate) cancel_action: &'a str,
    /// The pay page's address.
    pub(crate) keep_paying_href: &'a str,
    /// Hidden inputs (name, value) of the form.
    pub(crate) hidden_inputs: Vec<(&'a str, &'a str)>,
}

/// The page that programs make the preview of a link from. It does not contain the order.
#[derive(Template)]
#[template(path = "pay/preview.html")]
pub(crate) struct PreviewPage<'a> {
    /// The language, the files and the shop.
    pub(crate) frame: Frame<'a>,
    /// The merchant's `page_title`; `None` for "Complete your purchase" in the consumer's language.
    pub(crate) title: Option<&'a str>,
    /// The address that receives the button's form, for a person who was mistaken for a program.
    pub(crate) open_action: &'a str,
}

/// The page that shows the outcome of a payment, or why there is nothing to pay.
#[derive(Template)]
#[template(path = "pay/outcome.html")]
pub(crate) struct OutcomePage<'a> {
    /// The language, the files and the shop.
    pub(crate) frame: Frame<'a>,
    /// The outcome.
    pub(crate) outcome: Outcome,
    /// The amount; shown on a completed payment.
    pub(crate) amount: Option<Amount<'a>>,
    /// The order, on a completed payment.
    pub(crate) receipt: Option<Receipt<'a>>,
    /// The code that the staff compares, while it checks the identity document.
    pub(crate) id_check_code: Option<&'a str>,
    /// The pay page's address, if the consumer may try again.
    pub(crate) retry_href: Option<&'a str>,
    /// The merchant's URL for this outcome, shown as a link. The page omits it if its scheme runs script.
    pub(crate) continue_url: Option<&'a str>,
    /// Seconds after which the browser opens `continue_url` by itself; `None` for never.
    pub(crate) continue_after_s: Option<u32>,
    /// The address that the browser opens to show a later outcome: every [`RELOAD_AFTER_S`] seconds, or more rarely
    /// beside `live_href`; `None` for never.
    pub(crate) reload_href: Option<&'a str>,
    /// The address that tells the browser when there is an outcome; `None` if Kassa learns it only from a reload.
    pub(crate) live_href: Option<&'a str>,
}

/// The seconds after which a page whose outcome is not known yet is opened again.
const RELOAD_AFTER_S: u32 = 4;

/// A link with its text.
struct PageLink<'a> {
    href: &'a str,
    label: &'a str,
    test_id: &'static str,
}

impl<'a> Frame<'a> {
    fn texts(&self) -> &'a Texts {
        self.texts
    }

    /// Returns the merchant's title, or the page's own.
    fn title_or(&self, given: Option<&'a str>) -> &'a str {
        let given = given.map(str::trim).filter(|title| !title.is_empty());
        given.unwrap_or(&self.texts.default_title)
    }

    /// Puts the buttons of the switch into the pay form, so that its input is kept.
    pub(crate) fn of_pay_form(mut self) -> Self {
        if let Some(switch) = &mut self.switch {
            switch.place = SwitchPlace::PayForm;
        }
        self
    }

    fn palette(&self) -> Option<&Palette> {
        self.shop.as_ref()?.palette.as_ref()
    }

    /// Returns the links to the shop's own pages.
    fn shop_links(&self) -> Vec<PageLink<'a>> {
        let links = self.shop.as_ref().map(|shop| shop.links).unwrap_or_default();
        let link = |href: Option<&'a str>, label, test_id| Some(PageLink { href: href?, label, test_id });
        let texts = self.texts;
        let all = [
            link(links.terms, &texts.terms_link, "terms"),
            link(links.privacy, &texts.privacy_link, "privacy"),
            link(links.support, &texts.support_link, "support"),
        ];
        all.into_iter().flatten().collect()
    }

    /// Returns the switch if there is a choice.
    fn shown_switch(&self) -> Option<&LanguageSwitch> {
        self.switch.as_ref().filter(|switch| switch.languages.len() > 1)
    }

    fn dir(&self) -> &'static str {
        self.texts.language.direction.dir()
    }

    /// Returns the language of the texts for `<html lang>`: English for a locale without a translation.
    fn lang(&self) -> &str {
        let language = self.texts.language.tag;
        let is_translated = self.locale.get(..2).is_some_and(|own| own.eq_ignore_ascii_case(language));
        if is_translated { self.locale } else { language }
    }
}

impl Shop<'_> {
    /// Returns the first letter of the name, which replaces a missing logo.
    fn monogram(&self) -> String {
        self.name.chars().find(|c| c.is_alphanumeric()).unwrap_or('K').to_uppercase().collect()
    }

    /// Returns the pictures as candidates of an `<img srcset>`; `None` if there are none.
    fn backdrop(&self) -> Option<String> {
        let shown = self.background_images.iter().filter(|image| image.width > 0);
        let candidates: Vec<_> = shown.map(|image| format!("{} {}w", image.href, image.width)).collect();
        (!candidates.is_empty()).then(|| candidates.join(", "))
    }
}

impl PayPage<'_> {
    /// The whole page.
    pub(crate) fn html(&self) -> String {
        render(self)
    }

    fn title(&self) -> &str {
        self.frame.title_or(self.title)
    }

    /// Whether the fields of the sign-up are the news of this page, so that it is read from there.
    fn brings_new_fields(&self) -> bool {
        self.asks_to_sign_up
            && self.errors.is_empty()
            && self.notice.is_none()
            && self.entered.given_name.is_empty()
    }

    fn money(&self, minor_units: &i64) -> String {
        self.order.amount(*minor_units).formatted(self.frame.locale)
    }

    /// The verb on the pay button.
    fn verb(&self) -> &str {
        self.purchase_type.label(self.frame.texts())
    }

    fn error_of(&self, field: Field) -> Option<&str> {
        let error = self.errors.iter().find(|error| error.field() == field);
        error.map(|error| error.text(self.frame.texts()))
    }

    /// Returns whether this category is selected. Without a choice the first one is.
    fn is_chosen(&self, category: &Category<'_>, index: &usize) -> bool {
        match self.entered.category {
            Some(identifier) => category.identifier == identifier,
            None => *index == 0,
        }
    }
}

impl PreviewPage<'_> {
    /// The whole page.
    pub(crate) fn html(&self) -> String {
        render(self)
    }

    fn title(&self) -> &str {
        self.frame.title_or(self.title)
    }
}

impl CancelConfirmPage<'_> {
    /// The whole page.
    pub(crate) fn html(&self) -> String {
        render(self)
    }
}

impl<'a> OutcomePage<'a> {
    /// The whole page.
    pub(crate) fn html(&self) -> String {
        render(self)
    }

    fn shop_href(&self) -> Option<&'a str> {
        self.continue_url.filter(|url| AppSchemes::Any.lead_somewhere(url))
    }

    /// Returns the links of the page, the one that leads on first.
    fn links(&self) -> Vec<PageLink<'a>> {
        let texts = self.frame.texts();
        let retry = self.retry_href.map(|href| PageLink {
            href,
            label: self.outcome.retry_label(texts),
            test_id: "retry",
        });
        let shop = self.shop_href().map(|href| PageLink {
            href,
            label: self.outcome.continue_label(texts),
            test_id: "continue",
        });
        let links = if self.continue_after_s.is_some() { [shop, retry] } else { [retry, shop] };
        links.into_iter().flatten().collect()
    }

    /// Formats an amount of the receipt.
    fn money(&self, minor_units: &i64) -> String {
        let amount = self.receipt.as_ref().map(|receipt| receipt.order.amount(*minor_units));
        amount.map(|amount| amount.formatted(self.frame.locale)).unwrap_or_default()
    }

    /// Returns the formatted amount if the payment is completed.
    fn paid(&self) -> Option<String> {
        let amount = self.amount.filter(|_| self.outcome == Outcome::Completed)?;
        Some(amount.formatted(self.frame.locale))
    }

    /// Returns the `content` of `<meta http-equiv=refresh>`, if the browser shall open `continue_url` by itself.
    fn refresh(&self) -> Option<String> {
        let url = self.shop_href()?;
        self.continue_after_s.map(|seconds| format!("{seconds};url={url}"))
    }
}

fn render(page: &impl Template) -> String {
    page.render().expect("writing to a string does not fail")
}

#[cfg(test)]
mod tests;
