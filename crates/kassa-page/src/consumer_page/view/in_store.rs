//! The pages of a shop with staff: the page of the staff, and the screen that faces the customer.

use askama::Template;
use kassa_domain::lifecycle::Status;
use kassa_i18n::Texts;

use super::{Amount, Frame, render};

/// The page of the staff: it shows the status, sends the link, and answers the check of an identity document.
#[derive(Template)]
#[template(path = "pay/staff.html")]
pub(crate) struct StaffPage<'a> {
    /// The language, the files and the shop.
    pub(crate) frame: Frame<'a>,
    /// The path of this page: `/distributions/{token}`.
    pub(crate) page: &'a str,
    /// The status of the page session.
    pub(crate) status: Status,
    /// The amount to pay.
    pub(crate) amount: Amount<'a>,
    /// The merchant's reference of the order, if there is one.
    pub(crate) reference: Option<&'a str>,
    /// The address of the QR code; `None` if the link cannot be paid any more.
    pub(crate) qr_href: Option<String>,
    /// The address that tells the browser when the status changes.
    pub(crate) live_href: String,
    /// The forms that send the link; `None` if the link cannot be paid any more.
    pub(crate) send: Option<SendForms<'a>>,
    /// The check of an identity document that waits for an answer.
    pub(crate) id_check: Option<IdCheckCard<'a>>,
    /// A message above everything else.
    pub(crate) notice: Option<StaffNotice>,
    /// Whether the link can be withdrawn.
    pub(crate) can_be_disabled: bool,
}

/// The forms that send the link.
pub(crate) struct SendForms<'a> {
    /// Whether this system sends e-mails.
    pub(crate) by_email: bool,
    /// Whether this system sends text messages.
    pub(crate) by_sms: bool,
    /// The country of phone numbers without one, such as `SE`.
    pub(crate) country: &'a str,
}

/// The check of an identity document.
pub(crate) struct IdCheckCard<'a> {
    /// The code that the phone of the customer shows.
    pub(crate) code: &'a str,
    /// The name that the merchant knows, if it knows one.
    pub(crate) name: Option<String>,
}

/// A message on the page of the staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StaffNotice {
    /// The link was accepted for sending.
    Sent,
    /// The link was not sent.
    NotSent,
    /// The answer to the check came too late, or the order changed.
    CheckIsOver,
}

/// The screen that faces the customer: a QR code, and then the result.
#[derive(Template)]
#[template(path = "pay/display.html")]
pub(crate) struct DisplayPage<'a> {
    /// The language, the files and the shop.
    pub(crate) frame: Frame<'a>,
    /// The path of this page with its view.
    pub(crate) page: &'a str,
    /// The status of the page session.
    pub(crate) status: Status,
    /// The amount to pay.
    pub(crate) amount: Amount<'a>,
    /// The address of the QR code; `None` if the link cannot be scanned now.
    pub(crate) qr_href: Option<String>,
    /// The address that tells the browser when the status changes.
    pub(crate) live_href: String,
}

/// The seconds after which a browser without scripts opens a page of the shop again.
const RELOAD_AFTER_S: u32 = 4;

impl StaffPage<'_> {
    /// The whole page.
    pub(crate) fn html(&self) -> String {
        render(self)
    }

    fn money(&self) -> String {
        self.amount.formatted(self.frame.locale)
    }

    fn status_in_words(&self) -> &str {
        in_words(self.status, self.frame.texts())
    }

    fn mood(&self) -> &'static str {
        mood_of(self.status)
    }
}

impl DisplayPage<'_> {
    /// The whole page.
    pub(crate) fn html(&self) -> String {
        render(self)
    }

    fn money(&self) -> String {
        self.amount.formatted(self.frame.locale)
    }

    fn heading(&self) -> &str {
        let texts = self.frame.texts();
        if self.qr_href.is_some() { &texts.display_heading } else { in_words(self.status, texts) }
    }

    fn mood(&self) -> &'static str {
        mood_of(self.status)
    }
}

impl StaffNotice {
    fn text(self, texts: &Texts) -> &str {
        match self {
            Self::Sent => &texts.staff_sent,
            Self::NotSent => &texts.staff_not_sent,
            Self::CheckIsOver => &texts.staff_id_check_over,
        }
    }
}

/// A status in the words of a shop.
fn in_words(status: Status, texts: &Texts) -> &str {
    match status {
        Status::Waiting => &texts.status_waiting,
        Status::InProgress => &texts.status_in_progress,
        Status::Back => &texts.status_back,
        Status::Failed => &texts.declined_heading,
        Status::Error => &texts.error_heading,
        Status::ManualIdCheck => &texts.staff_id_check_heading,
        Status::Timeout => &texts.status_timed_out,
        Status::Completed => &texts.completed_heading,
        Status::Cancelled => &texts.cancelled_heading,
        Status::Disabled => &texts.disabled_heading,
    }
}

/// The suffix of the style class of a status: `good`, `bad`, `wait` or `calm`.
const fn mood_of(status: Status) -> &'static str {
    match status {
        Status::Completed => "good",
        Status::Failed | Status::Error => "bad",
        Status::Waiting | Status::InProgress | Status::ManualIdCheck => "wait",
        Status::Back | Status::Timeout | Status::Cancelled | Status::Disabled => "calm",
    }
}
