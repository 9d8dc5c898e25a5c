//! The texts of one language, read from its Fluent files.

mod bundle;

use fluent_bundle::{FluentArgs, FluentValue};

use crate::Language;
use bundle::Bundle;
pub use bundle::TextsError;

/// The counts with which each text with arguments is tried. They include every plural form of every language.
const TRIED_COUNTS: std::ops::RangeInclusive<usize> = 0..=110;

/// A kind of argument.
trait Argument {
    /// Returns a value to try a text with.
    fn to_try(count: usize) -> Self;
}

impl Argument for usize {
    fn to_try(count: usize) -> Self {
        count
    }
}

impl Argument for &str {
    fn to_try(_count: usize) -> Self {
        "text"
    }
}

/// Defines `Texts`: a field for each text without arguments, and a method for each text with some. A name that a page
/// uses and this list lacks does not compile. A file that lacks a text of this list cannot be read.
macro_rules! texts {
    (
        without_arguments { $($plain:ident)* }
        with_arguments { $($name:ident($($argument:ident: $kind:ty),+))* }
    ) => {
        /// All texts in one language. `locales/en.ftl` says of each where it is shown.
        pub struct Texts {
            /// The language.
            pub language: &'static Language,
            $(
                #[doc = concat!("The text `", stringify!($plain), "`.")]
                pub $plain: Box<str>,
            )*
            bundle: Bundle,
        }

        impl Texts {
            /// The names of all texts.
            pub(crate) const NAMES: &[&str] = &[$(stringify!($plain),)* $(stringify!($name),)*];

            /// Reads the texts from the files of a language, and tries each one. A text of a later file replaces that
            /// of an earlier one.
            pub(crate) fn read(language: &'static Language, files: &[&str]) -> Result<Self, TextsError> {
                let texts = Self::read_tried(language, files)?;
                for count in TRIED_COUNTS {
                    $(
                        let arguments = FluentArgs::from_iter([
                            $((stringify!($argument), FluentValue::from(<$kind>::to_try(count)))),+
                        ]);
                        texts.bundle.checked(stringify!($name), &arguments)?;
                    )*
                }
                Ok(texts)
            }

            /// Reads files that the tests have tried. A consumer waits for it: the first page in a language needs it.
            pub(crate) fn read_tried(language: &'static Language, files: &[&str]) -> Result<Self, TextsError> {
                let bundle = Bundle::of(language, files)?;
                let nothing = FluentArgs::new();
                Ok(Self {
                    language,
                    $($plain: bundle.checked(stringify!($plain), &nothing)?.into_boxed_str(),)*
                    bundle,
                })
            }

            $(
                #[doc = concat!("The text `", stringify!($name), "`.")]
                #[must_use]
                pub fn $name(&self, $($argument: $kind),+) -> String {
                    let arguments =
                        FluentArgs::from_iter([$((stringify!($argument), FluentValue::from($argument))),+]);
                    self.bundle.written(stringify!($name), &arguments)
                }
            )*
        }
    };
}

texts! {
    without_arguments {
        secured_by
        default_title
        languages
        terms_link
        privacy_link
        support_link
        opens_in_new_tab

        order_summary
        quantity
        item
        discount
        delivery
        tax
        surcharge
        subtotal
        including_tax
        total
        order_number

        payment_heading
        pay_now
        pay_later
        pay_over_time
        about_pay_now
        about_pay_later
        about_pay_over_time
        about_direct_debit
        about_direct_bank_transfer

        details_heading
        email
        one_time_code
        one_time_code_hint
        sign_up_heading
        sign_up_hint
        given_name
        family_name
        date_of_birth

        buy
        rent
        book
        subscribe
        download
        order
        continue_purchase
        pay
        processing
        script_needed
        category_unavailable
        payment_not_finished
        back
        cancel

        error_prefix
        error_summary
        category_not_chosen
        email_not_readable
        code_not_readable
        code_rejected
        given_name_missing
        family_name_missing
        date_of_birth_not_readable
        order_changed
        category_declined

        sandbox_heading
        sandbox_code
        sandbox_approves
        sandbox_declines
        sandbox_fails
        sandbox_signs_up

        cancel_heading
        cancel_text
        cancel_confirm
        keep_paying

        declined_heading
        declined_text
        error_heading
        error_text
        confirming_heading
        confirming_text
        completed_heading
        completed_text
        cancelled_heading
        cancelled_text
        went_back_heading
        went_back_text
        disabled_heading
        disabled_text
        expired_heading
        expired_text
        not_found_heading
        not_found_text
        unavailable_heading
        unavailable_text
        no_payments_heading
        no_payments_text
        retry
        continue_to_shop
        return_to_shop
        moving_on

        id_check_heading
        id_check_text
        id_check_code
        display_heading
        display_text
        status_waiting
        status_in_progress
        status_back
        status_timed_out
        staff_title
        staff_scan
        staff_open_display
        staff_send_email
        staff_send_sms
        phone
        staff_send
        staff_sent
        staff_not_sent
        staff_id_check_heading
        staff_id_check_text
        staff_id_check_pass
        staff_id_check_fail
        staff_id_check_over
        staff_disable
        staff_disable_text
        staff_disable_yes
    }
    with_arguments {
        more_lines(count: usize)
        expires_soon(time: &str)
        message_subject(shop: &str)
        message_text(shop: &str, link: &str)
    }
}

#[cfg(test)]
mod tests;
