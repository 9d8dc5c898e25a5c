//! The words of the consumer page, language by language.

mod cs;
mod da;
mod de;
mod en;
mod es;
mod fi;
mod fr;
mod it;
mod nb;
mod nl;
mod pl;
mod pt;
mod sv;

/// Defines `Texts`, so that a language without one of them does not compile.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident)*) => {
        /// All words of the page in one language.
        pub struct Texts {
            $($(#[$doc])* pub $name: &'static str,)*
        }

        impl Texts {
            /// Every text with its name.
            #[cfg(test)]
            fn named(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name)),*]
            }
        }
    };
}

texts! {
    /// The tag of the language, for `<html lang>`.
    language
    /// The mark at the foot of each page.
    secured_by
    /// Title of the pay page where the merchant gives none.
    default_title

    /// Heading of the order.
    order_summary
    /// Read out before the number of pieces in a line.
    quantity
    /// Unfolds the lines that a long order hides; `{count}` is their number.
    more_lines
    /// A line without a name.
    item
    /// A discount without a name.
    discount
    /// A delivery charge without a name.
    delivery
    /// A tax line without a name.
    tax
    /// A surcharge without a name.
    surcharge
    /// The sum of the lines.
    subtotal
    /// Tax that the lines contain, said below the total.
    including_tax
    /// What the consumer pays.
    total

    /// Heading of the ways to pay.
    payment_heading
    /// Names `pay_now`.
    pay_now
    /// Names `pay_later`.
    pay_later
    /// Names `pay_over_time`.
    pay_over_time
    /// Explains `pay_now`.
    about_pay_now
    /// Explains `pay_later`.
    about_pay_later
    /// Explains `pay_over_time`.
    about_pay_over_time
    /// Explains `direct_debit`.
    about_direct_debit
    /// Explains `direct_bank_transfer`.
    about_direct_bank_transfer

    /// Heading of the consumer's details.
    details_heading
    /// Label of the e-mail address.
    email
    /// Label of the one-time code.
    one_time_code
    /// Says what the one-time code looks like.
    one_time_code_hint
    /// Heading of the details that a new consumer is asked for.
    sign_up_heading
    /// Says why they are asked for.
    sign_up_hint
    /// Label of the given name.
    given_name
    /// Label of the family name.
    family_name
    /// Label of the date of birth.
    date_of_birth

    /// Pay button for `BUY`.
    buy
    /// Pay button for `RENT`.
    rent
    /// Pay button for `BOOK`.
    book
    /// Pay button for `SUBSCRIBE`.
    subscribe
    /// Pay button for `DOWNLOAD`.
    download
    /// Pay button for `ORDER`.
    order
    /// Pay button for `CONTINUE`.
    continue_purchase
    /// Pay button for `PAY`.
    pay
    /// Pay button after it is pressed.
    processing
    /// The button back to the shop.
    back
    /// The button or link that cancels.
    cancel

    /// Heading of the list of errors.
    error_summary
    /// No way to pay was chosen.
    category_not_chosen
    /// The e-mail address is missing or is none.
    email_not_readable
    /// The one-time code is not six digits.
    code_not_readable
    /// The one-time code is a wrong one.
    code_rejected
    /// The given name is missing.
    given_name_missing
    /// The family name is missing.
    family_name_missing
    /// The date of birth is missing or impossible.
    date_of_birth_not_readable
    /// Notice that the merchant changed the order.
    order_changed
    /// Notice that the chosen way to pay was declined and others are left.
    category_declined

    /// Heading of the sandbox's explanation.
    sandbox_heading
    /// Which one-time codes the sandbox takes.
    sandbox_code
    /// What `customer@` does.
    sandbox_approves
    /// What `+denied` does.
    sandbox_declines
    /// What `+error` does.
    sandbox_fails
    /// What `+new_user` does.
    sandbox_signs_up

    /// Asks whether to cancel.
    cancel_heading
    /// Says what cancelling means.
    cancel_text
    /// Cancels for good.
    cancel_confirm
    /// Leads back to paying.
    keep_paying

    /// Heading when the payment was declined.
    declined_heading
    /// Explanation when the payment was declined.
    declined_text
    /// Heading after a technical error.
    error_heading
    /// Explanation after a technical error.
    error_text
    /// Heading when the payment is authorized.
    completed_heading
    /// Explanation when the payment is authorized.
    completed_text
    /// Heading when the purchase is cancelled.
    cancelled_heading
    /// Explanation when the purchase is cancelled.
    cancelled_text
    /// Heading when the consumer went back to the shop.
    went_back_heading
    /// Explanation when the consumer went back to the shop.
    went_back_text
    /// Heading when the shop has withdrawn the link.
    disabled_heading
    /// Explanation when the shop has withdrawn the link.
    disabled_text
    /// Heading when the link has expired.
    expired_heading
    /// Explanation when the link has expired.
    expired_text
    /// Heading when there is no such link.
    not_found_heading
    /// Explanation when there is no such link.
    not_found_text
    /// Heading when the page cannot be served.
    unavailable_heading
    /// Explanation when the page cannot be served.
    unavailable_text
    /// The link back to the pay page.
    retry
    /// The link to the shop after a completed payment.
    continue_to_shop
    /// The link to the shop after anything else.
    return_to_shop
    /// Says that the browser moves on by itself.
    moving_on
}

impl Texts {
    /// The texts for a locale such as `sv-SE`, chosen by its language; English for a language without texts.
    pub fn of(locale: &str) -> &'static Self {
        let language = locale.split('-').next().unwrap_or_default();
        match language.to_ascii_lowercase().as_str() {
            "cs" => &cs::TEXTS,
            "da" => &da::TEXTS,
            "de" => &de::TEXTS,
            "es" => &es::TEXTS,
            "fi" => &fi::TEXTS,
            "fr" => &fr::TEXTS,
            "it" => &it::TEXTS,
            "nb" | "nn" | "no" => &nb::TEXTS,
            "nl" => &nl::TEXTS,
            "pl" => &pl::TEXTS,
            "pt" => &pt::TEXTS,
            "sv" => &sv::TEXTS,
            _ => &en::TEXTS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [&str; 13] =
        ["cs", "da", "de", "en", "es", "fi", "fr", "it", "nb", "nl", "pl", "pt", "sv"];

    #[test]
    fn every_language_has_texts_of_its_own_and_none_is_empty() {
        for language in LANGUAGES {
            let texts = Texts::of(language);
            assert_eq!(texts.language, language);
            for (name, text) in texts.named() {
                assert!(!text.trim().is_empty() && text.trim() == text, "{language}: {name}");
                assert_eq!(text.contains("{count}"), name == "more_lines", "{language}: {name}");
            }
        }
    }

    #[test]
    fn sentences_are_translated() {
        for language in LANGUAGES.iter().filter(|language| **language != "en") {
            for ((name, text), (_, english)) in Texts::of(language).named().iter().zip(en::TEXTS.named()) {
                assert!(!english.contains(' ') || *text != english, "{language}: {name} is English");
            }
        }
    }

    #[test]
    fn unknown_languages_read_english_and_old_tags_their_successor() {
        for locale in ["el-GR", "", "xx", "EN", "en-US", "é"] {
            assert_eq!(Texts::of(locale).language, "en", "{locale}");
        }
        assert_eq!(Texts::of("no-NO").language, "nb");
        assert_eq!(Texts::of("SV-fi").language, "sv");
    }
}
