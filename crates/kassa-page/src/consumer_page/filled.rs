//! Builds the consumer's pages from a page session, the payment session that it hosts, and the consumer's input.

mod in_store;

use super::pages::Pages;
use axum::response::Response;
use http::StatusCode;
use kassa_colors::Palette;
use kassa_domain::Timestamp;
use kassa_domain::page_session::{
    PageOptions, PageSession, PaymentMethodCategory, PurchaseType, ShopColors, SubtotalDetail,
};
use kassa_domain::payment_session::{
    AcquiringChannel, CategoryVisibility, Offer, OfferedCategory, PaymentSession,
};
use kassa_domain::time::MINUTE_MS;
use kassa_engine::{Links, Presentation, is_picture, is_shop_link};
use kassa_http::ApiError;
use kassa_i18n::Texts;
use kassa_wire::cart::OrderLine as WireLine;
use kassa_wire::payments::PaymentSession as WirePayment;
use kassa_wire::stored::Stored;
use kassa_wire::time::format_ms;
use sha2::{Digest, Sha256};

use super::assets::PAYMENT_SCRIPT;
use super::form::PayForm;
use super::language::{LanguagePreference, PageLanguage, PagePath};
use super::leave::{MovesOn, way_back, way_to_the_merchant};
use super::policy::{frame, written, written_with_redirect, written_with_script};
use super::view::{
    self, Amount, BackgroundImage, CancelConfirmPage, Category, Entered, ExpiryWarning, FieldError, Frame,
    LanguageSwitch, LineKind, Notice, OrderLine, OrderSummary, Outcome, OutcomePage, PayPage, PaymentForm,
    PreviewPage, Receipt, ScriptForm, Shop, ShopLinks, SwitchPlace, WayOut,
};

/// The data for every page of one session.
pub(super) struct PageContext<'a> {
    pub(super) pages: &'a Pages,
    pub(super) session: &'a PageSession,
    pub(super) form: &'a PayForm,
    preference: &'a LanguagePreference,
    content: WirePayment,
    merchant_name: String,
    offer: &'a Offer,
    /// The offered categories that the page shows.
    categories: Vec<&'a OfferedCategory>,
    has_fallen_back: bool,
    order_seen: String,
    /// Whether the page of a completed payment has the order.
    shows_order: bool,
    pub(super) presentation: Presentation,
}

/// The messages that the pay page shows in addition to the session.
#[derive(Default)]
pub(super) struct PageNotes {
    pub(super) errors: Vec<FieldError>,
    pub(super) notice: Option<Notice>,
    pub(super) asks_to_sign_up: bool,
}

/// A page warns this long before its link expires, in milliseconds.
const WARNS_BEFORE_MS: i64 = 15 * MINUTE_MS;

/// The mark in a text that the page replaces by the time.
const PLACE_OF_TIME: &str = "\u{fffc}";

/// Whether a page warns that its link expires soon.
pub(super) fn expires_soon(session: &PageSession, now: Timestamp) -> bool {
    session.expires_at.ms_since(now) <= WARNS_BEFORE_MS
}

/// Returns a hash of the order. The form sends it back, so that a changed order is shown again before it is paid.
pub(super) fn order_seen(payment: &PaymentSession) -> String {
    base16ct::lower::encode_string(&Sha256::digest(payment.body.as_bytes())[..8])
}

impl<'a> PageContext<'a> {
    pub(super) async fn of(
        pages: &'a Pages,
        session: &'a PageSession,
        (payment, offer): (&PaymentSession, &'a Offer),
        (form, preference): (&'a PayForm, &'a LanguagePreference),
    ) -> Result<Self, ApiError> {
        let merchant = pages.accounts.merchant(&session.merchant_id).await?;
        let context = Self {
            pages,
            session,
            form,
            preference,
            content: WirePayment::from_stored(&payment.body)?,
            merchant_name: merchant.map(|merchant| merchant.name.clone()).unwrap_or_default(),
            offer,
            categories: offer
                .categories
                .iter()
                .filter(|offered| offered.visibility == CategoryVisibility::ByDefault)
                .collect(),
            has_fallen_back: false,
            order_seen: order_seen(payment),
            shows_order: true,
            presentation: pages.engine.presentation(payment)?,
        };
        Ok(if form.fell_back.is_some() { context.fallen_back() } else { context.chosen_by_the_merchant() })
    }

    /// Omits the order, because chats keep previews and show them to others.
    pub(super) fn without_order(self) -> Self {
        Self { shows_order: false, ..self }
    }

    /// Keeps only the categories that the merchant chose (docs/wire.md#page-options).
    fn chosen_by_the_merchant(mut self) -> Self {
        let chosen = &self.session.options.payment_method_categories;
        if !chosen.is_empty() {
            self.categories =
                self.offer.categories.iter().filter(|offered| is_among(chosen, offered)).collect();
        }
        self
    }

    /// Keeps only the categories that the merchant did not choose, after a decline in the chosen ones.
    pub(super) fn fallen_back(mut self) -> Self {
        let chosen = &self.session.options.payment_method_categories;
        self.categories = self.offer.categories.iter().collect();
        self.categories.retain(|offered| {
            offered.visibility == CategoryVisibility::ByDefault && !is_among(chosen, offered)
        });
        self.has_fallen_back = true;
        self
    }

    /// Returns whether the page offers the other categories before a decline counts (`payment_fallback`,
    /// docs/wire.md#page-options).
    pub(super) fn can_fall_back(&self) -> bool {
        let options = &self.session.options;
        options.payment_fallback && !self.has_fallen_back && !options.payment_method_categories.is_empty()
    }

    pub(super) fn offers(&self, category: &str) -> bool {
        self.categories.iter().any(|offered| offered.identifier == category)
    }

    /// The pay page. Its policy allows the sources of the payment system's script, if it has one.
    pub(super) fn pay_page_response(&self, token: &str, notes: PageNotes, status: StatusCode) -> Response {
        let render = |nonce: &str| self.pay_page(nonce, token, notes);
        match &self.presentation {
            Presentation::Fields => written(self.pages, status, render),
            Presentation::Redirect(redirect) => {
                written_with_redirect(self.pages, &redirect.origins, status, render)
            }
            Presentation::Script(script) => {
                written_with_script(self.pages, (&script.sources, token), status, render)
            }
        }
    }

    fn pay_page(&self, nonce: &str, token: &str, notes: PageNotes) -> String {
        let address = |act: &str| format!("/pay/{token}/{act}");
        let (pay, back, cancel) = (address("pay"), address("back"), address("cancel"));
        let ask_to_cancel = address("cancel/ask");
        let mut hidden_inputs = vec![("order_seen", self.order_seen.as_str())];
        if self.has_fallen_back {
            hidden_inputs.push(("fell_back", "1"));
        }
        let entered = self.entered(&notes);
        let language = self.language();
        let expiry = self.expiry_warning(self.pages.languages.texts(language.language));
        PayPage {
            frame: self.frame(nonce, &language, Some((token, PagePath::Entrance))).of_pay_form(),
            title: self.session.options.page_title.as_deref(),
            order: self.order(),
            categories: self
                .categories
                .iter()
                .map(|offered| Category { identifier: &offered.identifier, name: &offered.name })
                .collect(),
            purchase_type: purchase_type(self.session.options.purchase_type),
            pay_action: &pay,
            live_href: self.live_href(token, expiry.is_some()),
            expiry,
            way_out: self.way_out(&back, &cancel, &ask_to_cancel),
            hidden_inputs,
            entered,
            // A consumer who signs up sees the fields until the payment is decided, even if other fields have errors.
            asks_to_sign_up: notes.asks_to_sign_up || self.form.given_name.is_some(),
            errors: notes.errors,
            notice: notes.notice,
            payment: match &self.presentation {
                Presentation::Fields => PaymentForm::Fields,
                Presentation::Script(script) => PaymentForm::Script(ScriptForm {
                    runner_href: PAYMENT_SCRIPT.href(),
                    src: &script.src,
                    client_token: &script.client_token,
                    page: format!("/pay/{token}"),
                }),
                Presentation::Redirect(_) => PaymentForm::Redirect,
            },
        }
        .html()
    }

    /// The address that tells the page about a changed order. The form of a payment system's script is about the order
    /// that it was loaded with, so a page with a script does not follow its session.
    fn live_href(&self, token: &str, is_warned: bool) -> Option<String> {
        let fell_back = if self.has_fallen_back { "&fell_back=1" } else { "" };
        let warned = if is_warned { "&warned=1" } else { "" };
        match &self.presentation {
            Presentation::Fields | Presentation::Redirect(_) => {
                Some(format!("/pay/{token}/live?order={}{fell_back}{warned}", self.order_seen))
            }
            Presentation::Script(_) => None,
        }
    }

    /// The warning that the link expires soon, if it does.
    fn expiry_warning(&self, texts: &Texts) -> Option<ExpiryWarning> {
        let expires_at = self.session.expires_at;
        if !expires_soon(self.session, self.pages.engine.now(&self.session.merchant_id)) {
            return None;
        }
        let instant = format_ms(expires_at.as_ms());
        let utc = instant.get(11..16).unwrap_or_default().to_string();
        let text = texts.expires_soon(PLACE_OF_TIME);
        let (before, after) = text.split_once(PLACE_OF_TIME).unwrap_or((&text, ""));
        Some(ExpiryWarning { around: (before.to_string(), after.to_string()), instant, utc })
    }

    pub(super) fn cancel_page(&self, nonce: &str, token: &str) -> String {
        let language = self.language();
        CancelConfirmPage {
            frame: self.frame(nonce, &language, Some((token, PagePath::Cancel))),
            cancel_action: &format!("/pay/{token}/cancel"),
            keep_paying_href: &format!("/pay/{token}"),
            hidden_inputs: Vec::new(),
        }
        .html()
    }

    /// The page of an outcome, with a way back to the page, to the shop, or to both. `path` is the address at which it
    /// can be shown in another language.
    pub(super) fn outcome_page(
        &self,
        nonce: &str,
        (token, path): (&str, Option<PagePath>),
        outcome: Outcome,
        moves_on: MovesOn,
    ) -> String {
        let page = format!("/pay/{token}");
        let is_expired = self.session.is_expired(self.pages.engine.now(&self.session.merchant_id));
        let can_pay = !self.session.status.is_final() && !is_expired && outcome != Outcome::NoPayments;
        let to_the_merchant = if is_expired { None } else { way_to_the_merchant(self.pages, self.session) };
        let continue_url = to_the_merchant.or_else(|| way_back(self.pages, self.session));
        let language = self.language();
        let stays = path.filter(|_| moves_on == MovesOn::ByLink);
        OutcomePage {
            frame: self.frame(nonce, &language, stays.map(|path| (token, path))),
            outcome,
            amount: Some(self.amount()),
            receipt: (outcome == Outcome::Completed && stays.is_some() && self.shows_order)
                .then(|| self.receipt()),
            id_check_code: None,
            retry_href: can_pay.then_some(page.as_str()),
            continue_url: continue_url.as_deref(),
            continue_after_s: (moves_on == MovesOn::ByItself).then_some(0),
            reload_href: None,
            live_href: None,
        }
        .html()
    }

    /// The page while the outcome of an order is unknown. It offers no way to pay or to leave.
    /// The browser opens the page at `again` when there is an outcome; if only the payment system knows, every few
    /// seconds.
    pub(super) fn confirming_page(&self, nonce: &str, shown_at: (&str, PagePath), again: &str) -> String {
        let language = self.language();
        let live_href = format!("/pay/{}/live", shown_at.0);
        OutcomePage {
            frame: self.frame(nonce, &language, Some(shown_at)),
            outcome: Outcome::Confirming,
            amount: None,
            receipt: None,
            id_check_code: None,
            retry_href: None,
            continue_url: None,
            continue_after_s: None,
            reload_href: Some(again),
            live_href: self.session.open_operation.is_some().then_some(live_href.as_str()),
        }
        .html()
    }

    fn amount(&self) -> Amount<'_> {
        Amount { minor_units: self.offer.total_minor_units, currency: &self.offer.currency }
    }

    /// The page that the preview of a link is made from.
    pub(super) fn preview_page(&self, nonce: &str, token: &str) -> String {
        let language = self.language();
        PreviewPage {
            frame: self.frame(nonce, &language, Some((token, PagePath::Entrance))),
            title: self.session.options.page_title.as_deref(),
            open_action: &format!("/pay/{token}"),
        }
        .html()
    }

    /// The input that the form shows again. A code that was rejected must be entered again.
    fn entered(&self, notes: &PageNotes) -> Entered<'_> {
        let form = self.form;
        let is_rejected = notes.errors.contains(&FieldError::CodeRejected);
        // After a decline the consumer chooses another category, so none is selected.
        let chooses_another = notes.notice == Some(Notice::CategoryDeclined);
        let category = Some(form.payment_method_category.as_str()).filter(|category| !category.is_empty());
        Entered {
            category: category.filter(|category| chooses_another || self.offers(category)),
            email: self.known_email(notes),
            one_time_code: if is_rejected { "" } else { &form.one_time_code },
            given_name: form.given_name.as_deref().unwrap_or_default(),
            family_name: form.family_name.as_deref().unwrap_or_default(),
            date_of_birth: form.date_of_birth.as_deref().unwrap_or_default(),
        }
    }

    /// The address that the consumer entered, or at first the one that the merchant gave.
    fn known_email(&self, notes: &PageNotes) -> &str {
        let given = self.content.billing_address.as_ref().and_then(|address| address.email.as_deref());
        match given.filter(|_| self.form.email.is_empty() && notes.errors.is_empty()) {
            Some(given) => given,
            None => &self.form.email,
        }
    }

    fn language(&self) -> PageLanguage<'_> {
        self.preference.for_session(self.content.locale())
    }

    /// The frame of a page. `shown_at` is the page's address, if it can be shown in another language.
    fn frame<'b>(
        &'b self,
        nonce: &'b str,
        language: &'b PageLanguage<'_>,
        shown_at: Option<(&str, PagePath)>,
    ) -> Frame<'b> {
        let shop = shop(&self.merchant_name, &self.session.options, &self.pages.links);
        let texts = self.pages.languages.texts(language.language);
        let switch = shown_at.map(|(token, path)| LanguageSwitch {
            action: path.language_action(token),
            languages: self.preference.offered(self.content.locale(), self.content.effective_country()),
            place: SwitchPlace::Alone,
        });
        Frame { shop: Some(shop), switch, ..frame(nonce, &language.locale, texts) }
    }

    /// Returns Back if the merchant has a `back` URL, or else Cancel, which in a web shop counts as Back
    /// (docs/wire.md#back-and-cancel).
    fn way_out<'b>(&self, back: &'b str, cancel: &'b str, ask_to_cancel: &'b str) -> WayOut<'b> {
        let gives_back = self.session.merchant_urls.back.as_deref().is_some_and(|url| !url.is_empty());
        match (gives_back, self.offer.channel) {
            (true, _) => WayOut::Back { action: back },
            (false, AcquiringChannel::Ecommerce) => WayOut::Cancel { action: cancel },
            (false, AcquiringChannel::InStore | AcquiringChannel::Telesales) => {
                WayOut::ConfirmCancel { action: ask_to_cancel }
            }
        }
    }

    /// The receipt of the completed payment. The consumer knows the shop's number of the order, if there is one.
    fn receipt(&self) -> Receipt<'_> {
        let of_shop = self.content.merchant_reference1.as_deref().map(str::trim);
        let of_system = self.session.order.as_ref().map(|order| order.klarna_reference.as_str());
        let number = [of_shop, of_system].into_iter().flatten().find(|number| !number.is_empty());
        Receipt { number, order: self.order() }
    }

    fn order(&self) -> OrderSummary<'_> {
        let total = (self.offer.currency.as_str(), self.offer.total_minor_units);
        let (lines, tax) = (&self.content.order_lines, self.content.order_tax_amount);
        order_summary(lines, total, tax, self.session.options.show_subtotal_detail, &self.pages.links)
    }
}

/// The shop's name and pictures.
pub(super) fn shop<'a>(name: &'a str, options: &'a PageOptions, own: &Links) -> Shop<'a> {
    let pictures = options.background_images.iter();
    let pictures = pictures.filter_map(|image| Some((image_href(&image.url, own)?, image.width)));
    let background_images = pictures.map(|(href, width)| BackgroundImage { href, width }).collect();
    let link = |url: &'a Option<String>| url.as_deref().filter(|url| is_shop_link(url));
    let links = ShopLinks {
        terms: link(&options.links.terms),
        privacy: link(&options.links.privacy),
        support: link(&options.links.support),
    };
    let logo_href = options.logo_url.as_deref().and_then(|url| image_href(url, own));
    Shop { name, logo_href, background_images, links, palette: palette(&options.colors) }
}

/// The colours of the shop, if it chose any.
fn palette(chosen: &ShopColors) -> Option<Palette> {
    let (accent, background) = (chosen.accent.as_deref(), chosen.background.as_deref());
    (accent.is_some() || background.is_some()).then(|| Palette::of(accent, background))
}

/// Kassa's own address of an image, so that the browser sends no request to the merchant's host.
fn image_href(address: &str, own: &Links) -> Option<String> {
    is_picture(address).then(|| own.image_path(address))
}

/// The order with this total: its currency, and its minor units.
pub(super) fn order_summary<'a>(
    lines: &'a [WireLine],
    (currency, total_minor_units): (&'a str, i64),
    tax_minor_units: Option<i64>,
    subtotal_detail: Option<SubtotalDetail>,
    own: &Links,
) -> OrderSummary<'a> {
    let lines: Vec<_> = lines.iter().map(|line| order_line(line, own)).collect();
    let has_tax_line = lines.iter().any(|line| line.kind == LineKind::Tax);
    OrderSummary {
        currency,
        subtotal_minor_units: subtotal(&lines),
        lines,
        included_tax_minor_units: tax_minor_units.filter(|tax| *tax > 0 && !has_tax_line),
        total_minor_units,
        subtotal_detail: match subtotal_detail {
            Some(SubtotalDetail::Hide) => view::SubtotalDetail::Hidden,
            None => view::SubtotalDetail::Shown,
        },
    }
}

/// Returns whether the merchant chose this category.
fn is_among(chosen: &[PaymentMethodCategory], offered: &OfferedCategory) -> bool {
    chosen.iter().any(|category| category.as_str().eq_ignore_ascii_case(&offered.identifier))
}

/// Returns the sum of the items; `None` if the order has only items.
fn subtotal(lines: &[OrderLine<'_>]) -> Option<i64> {
    let is_article = |line: &&OrderLine<'_>| line.kind == LineKind::Item;
    let sum =
        lines.iter().filter(is_article).fold(0, |sum: i64, line| sum.saturating_add(line.total_minor_units));
    lines.iter().any(|line| line.kind != LineKind::Item).then_some(sum)
}

fn order_line<'a>(line: &'a WireLine, own: &Links) -> OrderLine<'a> {
    OrderLine {
        kind: line_kind(line.r#type.as_deref().unwrap_or("physical")),
        name: &line.name,
        image_href: line.image_url.as_deref().and_then(|url| image_href(url, own)),
        quantity: line.quantity,
        unit_minor_units: line.unit_price,
        discount_minor_units: line.total_discount_amount.unwrap_or(0),
        total_minor_units: line.total_amount,
    }
}

fn line_kind(word: &str) -> LineKind {
    match word.to_ascii_lowercase().as_str() {
        "discount" | "gift_card" | "store_credit" => LineKind::Discount,
        "shipping_fee" => LineKind::Delivery,
        "sales_tax" => LineKind::Tax,
        "surcharge" => LineKind::Surcharge,
        _ => LineKind::Item,
    }
}

pub(super) fn purchase_type(chosen: PurchaseType) -> view::PurchaseType {
    match chosen {
        PurchaseType::Buy => view::PurchaseType::Buy,
        PurchaseType::Rent => view::PurchaseType::Rent,
        PurchaseType::Book => view::PurchaseType::Book,
        PurchaseType::Subscribe => view::PurchaseType::Subscribe,
        PurchaseType::Download => view::PurchaseType::Download,
        PurchaseType::Order => view::PurchaseType::Order,
        PurchaseType::Continue => view::PurchaseType::Continue,
        PurchaseType::Pay => view::PurchaseType::Pay,
    }
}
