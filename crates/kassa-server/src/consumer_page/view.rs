//! What the consumer sees: one struct a page, made into HTML by its `html` method.

mod form;
mod links;
mod order;
mod outcome;

use askama::Template;

use super::texts::Texts;
use crate::merchant_links::AppSchemes;

pub(crate) use form::{Category, Entered, Field, FieldError, Notice, PurchaseType, WayOut};
pub(crate) use order::{Amount, LineKind, OrderLine, OrderSummary, SubtotalDetail};
pub(crate) use outcome::Outcome;

/// What every page has: the language, the files it loads, and the shop it belongs to.
pub(crate) struct Frame<'a> {
    /// Locale of the payment session, such as `sv-SE`. It chooses the texts and the way amounts are written;
    /// a language without texts of its own reads English.
    pub(crate) locale: &'a str,
    /// The nonce of the answer's content security policy.
    pub(crate) nonce: &'a str,
    /// Address of `pay.css`, such as `/assets/pay-5f0c.css`.
    pub(crate) stylesheet_href: &'a str,
    /// Address of `pay.js`, an ES module.
    pub(crate) script_href: &'a str,
    /// Address of `kassa.svg`, the icon in the browser's tab.
    pub(crate) icon_href: &'a str,
    /// The shop that is paid; `None` where it is not known, as for an unknown link.
    pub(crate) shop: Option<Shop<'a>>,
}

/// The shop as it presents itself to the consumer.
#[derive(Clone, Default)]
pub(crate) struct Shop<'a> {
    /// The name of the merchant.
    pub(crate) name: &'a str,
    /// The merchant's `logo_url`. Left out of the page unless it is an `https` or `http` address.
    pub(crate) logo_url: Option<&'a str>,
    /// The merchant's `background_images`; the browser picks the best match.
    pub(crate) background_images: Vec<BackgroundImage<'a>>,
}

/// One picture that may stand behind the page.
#[derive(Clone)]
pub(crate) struct BackgroundImage<'a> {
    /// Where the picture is. Left out of the page unless it is an `https` or `http` address.
    pub(crate) url: &'a str,
    /// Screen width that it suits best, in CSS pixels.
    pub(crate) width: i64,
}

/// The page on which the consumer pays.
#[derive(Template)]
#[template(path = "pay/pay.html")]
pub(crate) struct PayPage<'a> {
    /// What every page has.
    pub(crate) frame: Frame<'a>,
    /// The merchant's `page_title`; `None` for "Complete your purchase" in the consumer's language.
    pub(crate) title: Option<&'a str>,
    /// What is bought, and for how much.
    pub(crate) order: OrderSummary<'a>,
    /// The ways to pay. A single one is stated and sent along, several are chosen from.
    pub(crate) categories: Vec<Category<'a>>,
    /// The word on the pay button.
    pub(crate) purchase_type: PurchaseType,
    /// Where the pay form is posted.
    pub(crate) pay_action: &'a str,
    /// How the consumer leaves without paying.
    pub(crate) way_out: WayOut<'a>,
    /// Hidden inputs (name, value) of every form on the page.
    pub(crate) hidden_inputs: Vec<(&'a str, &'a str)>,
    /// What the consumer has entered so far.
    pub(crate) entered: Entered<'a>,
    /// Whether a new consumer's name and date of birth are asked for as well.
    pub(crate) asks_to_sign_up: bool,
    /// What is wrong with the form as it was posted; empty on the first visit.
    pub(crate) errors: Vec<FieldError>,
    /// A message above everything else.
    pub(crate) notice: Option<Notice>,
    /// Whether the values that the sandbox understands are explained.
    pub(crate) explains_sandbox: bool,
}

/// The page that asks whether the purchase is really to be cancelled.
#[derive(Template)]
#[template(path = "pay/cancel.html")]
pub(crate) struct CancelConfirmPage<'a> {
    /// What every page has.
    pub(crate) frame: Frame<'a>,
    /// Where "Yes, cancel the purchase" is posted.
    pub(crate) cancel_action: &'a str,
    /// The way back to the pay page.
    pub(crate) keep_paying_href: &'a str,
    /// Hidden inputs (name, value) of the form.
    pub(crate) hidden_inputs: Vec<(&'a str, &'a str)>,
}

/// The page that says how it ended, or why there is nothing to pay here.
#[derive(Template)]
#[template(path = "pay/outcome.html")]
pub(crate) struct OutcomePage<'a> {
    /// What every page has.
    pub(crate) frame: Frame<'a>,
    /// What has happened.
    pub(crate) outcome: Outcome,
    /// What was paid; shown on a completed payment.
    pub(crate) amount: Option<Amount<'a>>,
    /// The way back to the pay page, where the consumer may try again.
    pub(crate) retry_href: Option<&'a str>,
    /// The merchant's URL for this outcome, with a visible link.
    /// Left out of the page if it is of a scheme that runs script.
    pub(crate) continue_url: Option<&'a str>,
    /// After how many seconds the browser moves on to `continue_url` by itself; `None` for never.
    pub(crate) continue_after_s: Option<u32>,
}

impl<'a> Frame<'a> {
    fn texts(&self) -> &'static Texts {
        Texts::of(self.locale)
    }

    /// The language of the page as it is, for `<html lang>`: an untranslated locale has an English page.
    fn lang(&self) -> &str {
        let language = self.texts().language;
        let is_translated = self.locale.get(..2).is_some_and(|own| own.eq_ignore_ascii_case(language));
        if is_translated { self.locale } else { language }
    }
}

impl<'a> Shop<'a> {
    fn logo(&self) -> Option<&'a str> {
        self.logo_url.filter(|url| links::is_image_address(url))
    }

    /// What stands for a missing logo: the first letter of the name.
    fn monogram(&self) -> String {
        self.name.chars().find(|c| c.is_alphanumeric()).unwrap_or('K').to_uppercase().collect()
    }

    /// The pictures as candidates of an `<img srcset>`; `None` if there are none to show.
    fn backdrop(&self) -> Option<String> {
        let shown = self.background_images.iter();
        let shown = shown.filter(|image| image.width > 0 && links::is_image_address(image.url));
        let candidates: Vec<_> = shown.map(|image| format!("{} {}w", image.url, image.width)).collect();
        (!candidates.is_empty()).then(|| candidates.join(", "))
    }
}

impl PayPage<'_> {
    /// The whole page.
    pub(crate) fn html(&self) -> String {
        written(self)
    }

    fn title(&self) -> &str {
        let own = self.title.map(str::trim).filter(|title| !title.is_empty());
        own.unwrap_or(self.frame.texts().default_title)
    }

    fn money(&self, minor_units: &i64) -> String {
        self.order.amount(*minor_units).written(self.frame.locale)
    }

    fn button_label(&self) -> String {
        let verb = self.purchase_type.label(self.frame.texts());
        format!("{verb} · {}", self.money(&self.order.total_minor_units))
    }

    fn error_of(&self, field: Field) -> Option<&'static str> {
        let error = self.errors.iter().find(|error| error.field() == field);
        error.map(|error| error.text(self.frame.texts()))
    }

    /// Whether this category is the chosen one; without a choice the first is.
    fn is_chosen(&self, category: &Category<'_>, index: &usize) -> bool {
        match self.entered.category {
            Some(identifier) => category.identifier == identifier,
            None => *index == 0,
        }
    }
}

impl CancelConfirmPage<'_> {
    /// The whole page.
    pub(crate) fn html(&self) -> String {
        written(self)
    }
}

impl<'a> OutcomePage<'a> {
    /// The whole page.
    pub(crate) fn html(&self) -> String {
        written(self)
    }

    fn shop_href(&self) -> Option<&'a str> {
        self.continue_url.filter(|url| AppSchemes::Any.lead_somewhere(url))
    }

    /// The amount, where money was taken or is sure to be.
    fn paid(&self) -> Option<String> {
        let amount = self.amount.filter(|_| self.outcome == Outcome::Completed)?;
        Some(amount.written(self.frame.locale))
    }

    /// The `content` of `<meta http-equiv=refresh>`, if the browser is to move on by itself.
    fn refresh(&self) -> Option<String> {
        let url = self.shop_href()?;
        self.continue_after_s.map(|seconds| format!("{seconds};url={url}"))
    }
}

fn written(page: &impl Template) -> String {
    page.render().expect("writing to a string does not fail")
}

#[cfg(test)]
mod tests;
