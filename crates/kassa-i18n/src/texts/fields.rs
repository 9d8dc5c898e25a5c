//! The texts that each language has.

/// Defines `Texts` as one struct, so that a language that lacks a text does not compile.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident)*) => {
        /// All texts of the page in one language.
        pub struct Texts {
            $($(#[$doc])* pub $name: &'static str,)*
        }

        impl Texts {
            /// Returns every text with its name.
            #[cfg(test)]
            pub(super) fn named(&self) -> Vec<(&'static str, &'static str)> {
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
    /// Title of the pay page, if the merchant gives none.
    default_title

    /// Heading of the order.
    order_summary
    /// For screen readers, before the number of units of a line.
    quantity
    /// Shows the hidden lines of a long order; `{count}` is their number.
    more_lines
    /// Name of an order line without a name.
    item
    /// Name of a discount without a name.
    discount
    /// Name of a delivery charge without a name.
    delivery
    /// Name of a tax line without a name.
    tax
    /// Name of a surcharge without a name.
    surcharge
    /// Label of the sum of the lines.
    subtotal
    /// Label of the contained tax, below the total.
    including_tax
    /// Label of the amount to pay.
    total

    /// Heading of the ways to pay.
    payment_heading
    /// Name of `pay_now`.
    pay_now
    /// Name of `pay_later`.
    pay_later
    /// Name of `pay_over_time`.
    pay_over_time
    /// Explanation of `pay_now`.
    about_pay_now
    /// Explanation of `pay_later`.
    about_pay_later
    /// Explanation of `pay_over_time`.
    about_pay_over_time
    /// Explanation of `direct_debit`.
    about_direct_debit
    /// Explanation of `direct_bank_transfer`.
    about_direct_bank_transfer

    /// Heading of the consumer's details.
    details_heading
    /// Label of the e-mail address.
    email
    /// Label of the one-time code.
    one_time_code
    /// Description of the one-time code's form.
    one_time_code_hint
    /// Heading of the details of a new consumer.
    sign_up_heading
    /// The reason why the page asks for these details.
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
    /// Shown on the pay page of a payment system with a script, if the browser runs none.
    script_needed
    /// A way to pay that the payment system does not offer for this purchase after all.
    category_unavailable
    /// The consumer closed the payment system's form, or has to correct something in it.
    payment_not_finished
    /// The button back to the shop.
    back
    /// The button or link that cancels.
    cancel

    /// The first words of the title of a page with errors.
    error_prefix
    /// Heading of the list of errors.
    error_summary
    /// Error: the consumer chose no way to pay.
    category_not_chosen
    /// Error: the e-mail address is missing or invalid.
    email_not_readable
    /// Error: the one-time code does not have six digits.
    code_not_readable
    /// Error: the one-time code is wrong.
    code_rejected
    /// Error: the given name is missing.
    given_name_missing
    /// Error: the family name is missing.
    family_name_missing
    /// Error: the date of birth is missing or invalid.
    date_of_birth_not_readable
    /// Notice that the merchant changed the order.
    order_changed
    /// Notice that the chosen way to pay was declined and others are left.
    category_declined

    /// Heading of the sandbox's explanation.
    sandbox_heading
    /// The one-time codes that the sandbox accepts.
    sandbox_code
    /// The effect of `customer@`.
    sandbox_approves
    /// The effect of `+denied`.
    sandbox_declines
    /// The effect of `+error`.
    sandbox_fails
    /// The effect of `+new_user`.
    sandbox_signs_up

    /// Heading of the question whether to cancel.
    cancel_heading
    /// Explanation of a cancellation.
    cancel_text
    /// Button that cancels for good.
    cancel_confirm
    /// Link back to the pay page.
    keep_paying

    /// Heading when the payment was declined.
    declined_heading
    /// Explanation when the payment was declined.
    declined_text
    /// Heading after a technical error.
    error_heading
    /// Explanation after a technical error.
    error_text
    /// Heading of the page while the outcome of the payment is unknown.
    confirming_heading
    /// Text of that page.
    confirming_text
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
    /// Heading when the link does not exist.
    not_found_heading
    /// Explanation when the link does not exist.
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
    /// Notice that the browser will go on by itself.
    moving_on
}
