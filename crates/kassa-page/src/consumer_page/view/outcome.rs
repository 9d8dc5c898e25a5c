//! The outcomes of a payment, with the text that the page shows for each.

use kassa_i18n::Texts;

/// The outcome of a payment, or the reason why there is nothing to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The payment was declined; another way to pay may work.
    Declined,
    /// A technical error; nothing has been charged.
    Error,
    /// The outcome of the payment is not known yet.
    Confirming,
    /// The staff of the shop checks the consumer's identity document.
    IdCheck,
    /// The payment is authorized.
    Completed,
    /// The purchase is cancelled for good.
    Cancelled,
    /// The consumer went back to the shop and may still pay.
    WentBack,
    /// The shop has disabled the link.
    Disabled,
    /// The link has expired.
    Expired,
    /// There is no such link.
    NotFound,
    /// Kassa cannot serve the page now; nothing has been charged.
    Unavailable,
    /// An operator suspended the merchant, so nobody can pay; nothing has been charged.
    NoPayments,
}

impl Outcome {
    /// Every outcome.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 12] = [
        Self::Declined,
        Self::Error,
        Self::Confirming,
        Self::IdCheck,
        Self::Completed,
        Self::Cancelled,
        Self::WentBack,
        Self::Disabled,
        Self::Expired,
        Self::NotFound,
        Self::Unavailable,
        Self::NoPayments,
    ];

    /// Returns the suffix of the page's test id.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Error => "error",
            Self::Confirming => "confirming",
            Self::IdCheck => "id-check",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::WentBack => "back",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::NotFound => "not-found",
            Self::Unavailable => "unavailable",
            Self::NoPayments => "no-payments",
        }
    }

    pub(super) fn heading(self, texts: &Texts) -> &str {
        match self {
            Self::Declined => &texts.declined_heading,
            Self::Error => &texts.error_heading,
            Self::Confirming => &texts.confirming_heading,
            Self::IdCheck => &texts.id_check_heading,
            Self::Completed => &texts.completed_heading,
            Self::Cancelled => &texts.cancelled_heading,
            Self::WentBack => &texts.went_back_heading,
            Self::Disabled => &texts.disabled_heading,
            Self::Expired => &texts.expired_heading,
            Self::NotFound => &texts.not_found_heading,
            Self::Unavailable => &texts.unavailable_heading,
            Self::NoPayments => &texts.no_payments_heading,
        }
    }

    pub(super) fn explanation(self, texts: &Texts) -> &str {
        match self {
            Self::Declined => &texts.declined_text,
            Self::Error => &texts.error_text,
            Self::Confirming => &texts.confirming_text,
            Self::IdCheck => &texts.id_check_text,
            Self::Completed => &texts.completed_text,
            Self::Cancelled => &texts.cancelled_text,
            Self::WentBack => &texts.went_back_text,
            Self::Disabled => &texts.disabled_text,
            Self::Expired => &texts.expired_text,
            Self::NotFound => &texts.not_found_text,
            Self::Unavailable => &texts.unavailable_text,
            Self::NoPayments => &texts.no_payments_text,
        }
    }

    /// Returns the text of the link to the pay page.
    pub(super) fn retry_label(self, texts: &Texts) -> &str {
        if matches!(self, Self::WentBack | Self::NotFound) { &texts.keep_paying } else { &texts.retry }
    }

    /// Returns the text of the link to the shop.
    pub(super) fn continue_label(self, texts: &Texts) -> &str {
        if self == Self::Completed { &texts.continue_to_shop } else { &texts.return_to_shop }
    }

    /// Returns the suffix of the style class: `good`, `bad`, `wait` or `calm`.
    pub(super) fn mood(self) -> &'static str {
        match self {
            Self::Completed => "good",
            Self::Declined | Self::Error => "bad",
            Self::Confirming | Self::IdCheck | Self::Unavailable => "wait",
            Self::Cancelled
            | Self::WentBack
            | Self::Disabled
            | Self::Expired
            | Self::NotFound
            | Self::NoPayments => "calm",
        }
    }
}
