//! The payment method of each category, in the words of KP and of Order Management.

use kassa_domain::page_session::PaymentMethodCategory;
use kassa_wire::order_management::{DueDateOption, InitialPaymentMethod};
use kassa_wire::payments::AuthorizedPaymentMethod;

/// The words and due dates of one category.
struct Terms {
    authorized_type: &'static str,
    initial_type: &'static str,
    description: &'static str,
    days: i32,
    installments: i32,
}

/// Returns the terms of a category, one line per category (docs/wire.md#payments-api, docs/wire.md#order-management).
fn terms(category: &str) -> Terms {
    let terms = |authorized_type, initial_type, description, days, installments| Terms {
        authorized_type,
        initial_type,
        description,
        days,
        installments,
    };
    match PaymentMethodCategory::parse(category).unwrap_or(PaymentMethodCategory::Klarna) {
        PaymentMethodCategory::PayLater | PaymentMethodCategory::Klarna => {
            terms("invoice", "INVOICE", "Pay later", 30, 1)
        }
        PaymentMethodCategory::PayOverTime => terms("fixed_amount", "FIXED_AMOUNT", "Pay over time", 30, 3),
        PaymentMethodCategory::PayNow => terms("card", "CARD", "Pay now", 0, 1),
        PaymentMethodCategory::DirectDebit => terms("direct_debit", "DIRECT_DEBIT", "Direct debit", 0, 1),
        PaymentMethodCategory::DirectBankTransfer => {
            terms("direct_bank_transfer", "BANK_TRANSFER", "Direct bank transfer", 0, 1)
        }
    }
}

/// Returns the text on a category's picture; `None` for an unknown category.
pub(crate) fn label(category: &str) -> Option<&'static str> {
    PaymentMethodCategory::parse(category).map(|_| terms(category).description)
}

/// Returns the payment method for the answer to a new order.
pub(crate) fn authorized(category: &str) -> AuthorizedPaymentMethod {
    let terms = terms(category);
    AuthorizedPaymentMethod {
        r#type: terms.authorized_type.to_string(),
        number_of_days: terms.days,
        number_of_installments: terms.installments,
    }
}

/// Returns the payment method as Order Management shows it.
pub(crate) fn initial(category: &str) -> InitialPaymentMethod {
    let terms = terms(category);
    InitialPaymentMethod {
        r#type: terms.initial_type.to_string(),
        description: terms.description.to_string(),
        number_of_installments: Some(terms.installments).filter(|count| *count > 1),
    }
}

/// Returns the days by which an invoice's due date can be extended, free of charge. Immediate payments have none.
pub(crate) fn due_date_options(category: &str) -> Vec<DueDateOption> {
    let days: &[i64] = if terms(category).days > 0 { &[7, 14, 30] } else { &[] };
    days.iter().map(|days| DueDateOption { amount: 0, number_of_days: *days }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_category_has_a_payment_method_type_of_the_wire() {
        let known = ["invoice", "fixed_amount", "direct_debit", "direct_bank_transfer", "card"];
        for category in PaymentMethodCategory::ALL {
            let method = authorized(&category.as_str().to_ascii_lowercase());
            assert!(known.contains(&method.r#type.as_str()), "{category:?}");
        }
    }

    #[test]
    fn only_a_payment_that_is_due_later_has_due_date_options() {
        assert_eq!(due_date_options("pay_later").len(), 3);
        assert!(due_date_options("pay_now").is_empty());
    }
}
