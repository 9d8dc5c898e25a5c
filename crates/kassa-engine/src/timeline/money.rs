//! Amounts of the timeline.

use kassa_domain::payment_session::PaymentSession;
use kassa_i18n::format_money;

use crate::payment_system::PaymentSystems;

/// The currency of a payment session, if its content can be read.
#[derive(Clone, Debug, Default)]
pub(super) struct Currency(Option<String>);

impl Currency {
    pub(super) fn of(payment: Option<&PaymentSession>, systems: &PaymentSystems) -> Self {
        Self(payment.and_then(|payment| Some(systems.of(payment).ok()?.offer(payment).ok()?.currency)))
    }

    /// An amount, as an English text has it, such as `100.00 EUR`.
    pub(super) fn amount(&self, minor_units: i64) -> String {
        match &self.0 {
            Some(currency) => format_money(minor_units, currency, "en-GB"),
            None => format!("{minor_units} minor units"),
        }
    }
}
