//! The form on the pay page: ways to pay, fields, errors, and ways to leave.

use kassa_i18n::Texts;

/// One way to pay, as the payment system offers it.
pub(crate) struct Category<'a> {
    /// Identifier on the wire, such as `pay_later`; the value that the form sends.
    pub(crate) identifier: &'a str,
    /// The payment system's name for it, shown if Kassa has no name in the consumer's language.
    pub(crate) name: &'a str,
}

/// The verb on the pay button, from the merchant's `purchase_type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PurchaseType {
    /// `BUY`, the default.
    #[default]
    Buy,
    /// `RENT`.
    Rent,
    /// `BOOK`.
    Book,
    /// `SUBSCRIBE`.
    Subscribe,
    /// `DOWNLOAD`.
    Download,
    /// `ORDER`.
    Order,
    /// `CONTINUE`.
    Continue,
    /// `PAY`.
    Pay,
}

/// The way to leave without paying. The page shows exactly one.
pub(crate) enum WayOut<'a> {
    /// A button that leads back to the shop; the consumer may return and pay.
    Back {
        /// The address that receives the button's form.
        action: &'a str,
    },
    /// A button that cancels at once.
    Cancel {
        /// The address that receives the button's form.
        action: &'a str,
    },
    /// A button that leads to the page that asks for confirmation.
    ConfirmCancel {
        /// The address that receives the button's form.
        action: &'a str,
    },
}

/// The consumer's input, shown again.
#[derive(Default)]
pub(crate) struct Entered<'a> {
    /// Identifier of the chosen category; `None` selects the first one.
    pub(crate) category: Option<&'a str>,
    /// The e-mail address, as typed.
    pub(crate) email: &'a str,
    /// The one-time code, as typed; empty if it was rejected.
    pub(crate) one_time_code: &'a str,
    /// The given name, as typed.
    pub(crate) given_name: &'a str,
    /// The family name, as typed.
    pub(crate) family_name: &'a str,
    /// The date of birth, `YYYY-MM-DD`.
    pub(crate) date_of_birth: &'a str,
}

/// A field of the pay form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// The way to pay.
    Category,
    /// The e-mail address.
    Email,
    /// The six digits.
    OneTimeCode,
    /// The given name of a new consumer.
    GivenName,
    /// The family name of a new consumer.
    FamilyName,
    /// The date of birth of a new consumer.
    DateOfBirth,
}

/// An error of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldError {
    /// The consumer chose no way to pay, or one that is not offered.
    CategoryNotChosen,
    /// The e-mail address is missing or malformed.
    EmailNotReadable,
    /// The one-time code is not six digits.
    CodeNotReadable,
    /// The one-time code is not the one that was sent.
    CodeRejected,
    /// The given name is missing.
    GivenNameMissing,
    /// The family name is missing.
    FamilyNameMissing,
    /// The date of birth is missing, malformed or impossible.
    DateOfBirthNotReadable,
}

/// A message above the pay page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// The merchant changed the order after the consumer last saw it.
    OrderChanged,
    /// The chosen way to pay was declined, and the page offers the others.
    CategoryDeclined,
    /// The consumer returned from the payment system's page without having paid.
    NotFinished,
}

impl PurchaseType {
    pub(super) fn label(self, texts: &Texts) -> &str {
        match self {
            Self::Buy => &texts.buy,
            Self::Rent => &texts.rent,
            Self::Book => &texts.book,
            Self::Subscribe => &texts.subscribe,
            Self::Download => &texts.download,
            Self::Order => &texts.order,
            Self::Continue => &texts.continue_purchase,
            Self::Pay => &texts.pay,
        }
    }
}

impl Category<'_> {
    /// Returns the name in the consumer's language.
    pub(super) fn label<'t>(&'t self, texts: &'t Texts) -> &'t str {
        match self.identifier {
            "pay_now" => &texts.pay_now,
            "pay_later" => &texts.pay_later,
            "pay_over_time" => &texts.pay_over_time,
            _ => self.name,
        }
    }

    /// Returns one line of explanation, for the categories of the wire.
    pub(super) fn explanation<'t>(&self, texts: &'t Texts) -> Option<&'t str> {
        match self.identifier {
            "pay_now" => Some(&texts.about_pay_now),
            "pay_later" => Some(&texts.about_pay_later),
            "pay_over_time" => Some(&texts.about_pay_over_time),
            "direct_debit" => Some(&texts.about_direct_debit),
            "direct_bank_transfer" => Some(&texts.about_direct_bank_transfer),
            _ => None,
        }
    }
}

impl Field {
    /// Returns the field's name in the form.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Category => "payment_method_category",
            Self::Email => "email",
            Self::OneTimeCode => "one_time_code",
            Self::GivenName => "given_name",
            Self::FamilyName => "family_name",
            Self::DateOfBirth => "date_of_birth",
        }
    }

    /// Returns the field's element id and test id. The test id of its error is `field-error-` with this id.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Email => "email",
            Self::OneTimeCode => "one-time-code",
            Self::GivenName => "given-name",
            Self::FamilyName => "family-name",
            Self::DateOfBirth => "date-of-birth",
        }
    }
}

impl FieldError {
    /// Returns the field with the error.
    pub(crate) const fn field(self) -> Field {
        match self {
            Self::CategoryNotChosen => Field::Category,
            Self::EmailNotReadable => Field::Email,
            Self::CodeNotReadable | Self::CodeRejected => Field::OneTimeCode,
            Self::GivenNameMissing => Field::GivenName,
            Self::FamilyNameMissing => Field::FamilyName,
            Self::DateOfBirthNotReadable => Field::DateOfBirth,
        }
    }

    pub(super) fn text(self, texts: &Texts) -> &str {
        match self {
            Self::CategoryNotChosen => &texts.category_not_chosen,
            Self::EmailNotReadable => &texts.email_not_readable,
            Self::CodeNotReadable => &texts.code_not_readable,
            Self::CodeRejected => &texts.code_rejected,
            Self::GivenNameMissing => &texts.given_name_missing,
            Self::FamilyNameMissing => &texts.family_name_missing,
            Self::DateOfBirthNotReadable => &texts.date_of_birth_not_readable,
        }
    }
}

impl Notice {
    pub(super) fn text(self, texts: &Texts) -> &str {
        match self {
            Self::OrderChanged => &texts.order_changed,
            Self::CategoryDeclined => &texts.category_declined,
            Self::NotFinished => &texts.payment_not_finished,
        }
    }
}
