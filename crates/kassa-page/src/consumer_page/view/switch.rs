//! The switch between languages at the foot of a page.

use kassa_i18n::Language;

/// The languages in which a page can be shown.
pub(crate) struct LanguageSwitch {
    /// The address that receives the choice.
    pub(crate) action: String,
    /// The languages, with that of the page.
    pub(crate) languages: Vec<&'static Language>,
    /// The form that the buttons send.
    pub(crate) place: SwitchPlace,
}

/// The form that the buttons of a switch send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SwitchPlace {
    /// A form of their own.
    Alone,
    /// The pay form.
    PayForm,
}

impl LanguageSwitch {
    pub(super) fn has_own_form(&self) -> bool {
        self.place == SwitchPlace::Alone
    }

    /// The id of the form.
    pub(super) fn form(&self) -> &'static str {
        match self.place {
            SwitchPlace::Alone => "language-form",
            SwitchPlace::PayForm => "pay-form",
        }
    }
}
