//! Compares an order with what was authorized (docs/wire.md#matching-an-order).

use kassa_wire::cart::OrderLine;
use kassa_wire::payments::{OrderCreation, PaymentSession};
use kassa_wire::people::Address;
use serde::Serialize;
use serde_json::{Map, Value};

use super::cart::line_type;

/// Returns every field in which a new order differs from the authorized content, by its path.
pub(crate) fn mismatches(authorized: &PaymentSession, order: &OrderCreation) -> Vec<String> {
    let mut differences = Differences::default();
    differences.compare_cart(authorized, &Cart::of_order(authorized, order));
    differences.compare_given(
        "billing_address",
        authorized.billing_address.as_ref(),
        order.billing_address.as_ref(),
    );
    differences.compare_given(
        "shipping_address",
        authorized.shipping_address.as_ref(),
        order.shipping_address.as_ref(),
    );
    differences.compare_given("customer", authorized.customer.as_ref(), order.customer.as_ref());
    differences.paths
}

/// Whether a changed payment session has another cart: other amounts, lines, currency or country.
pub(crate) fn cart_differs(before: &PaymentSession, after: &PaymentSession) -> bool {
    let mut differences = Differences::default();
    differences.compare_cart(before, &Cart::of_session(after));
    !differences.paths.is_empty()
}

/// The amounts and the lines to which the consumer agreed.
struct Cart<'a> {
    country: &'a str,
    currency: &'a str,
    order_amount: i64,
    order_tax_amount: Option<i64>,
    lines: &'a [OrderLine],
}

impl<'a> Cart<'a> {
    fn of_session(session: &'a PaymentSession) -> Self {
        Self {
            country: session.effective_country(),
            currency: &session.purchase_currency,
            order_amount: session.order_amount,
            order_tax_amount: session.order_tax_amount,
            lines: &session.order_lines,
        }
    }

    /// The cart of an order. If the order has no country in its billing address, the authorized one stays, provided
    /// that `purchase_country` is the authorized one too.
    fn of_order(authorized: &'a PaymentSession, order: &'a OrderCreation) -> Self {
        let billed_in =
            order.billing_address.as_ref().and_then(|address: &Address| address.country.as_deref());
        let has_same_country = order.purchase_country.eq_ignore_ascii_case(&authorized.purchase_country);
        let country = match billed_in {
            Some(country) => country,
            None if has_same_country => authorized.effective_country(),
            None => &order.purchase_country,
        };
        Self {
            country,
            currency: &order.purchase_currency,
            order_amount: order.order_amount,
            order_tax_amount: order.order_tax_amount,
            lines: &order.order_lines,
        }
    }
}

/// The paths of the fields that differ.
#[derive(Default)]
struct Differences {
    paths: Vec<String>,
}

impl Differences {
    fn note(&mut self, path: impl Into<String>, is_same: bool) {
        if !is_same {
            self.paths.push(path.into());
        }
    }

    /// Compares a cart. If the number of lines differs, the amounts follow from it, and only the number is named.
    fn compare_cart(&mut self, authorized: &PaymentSession, cart: &Cart<'_>) {
        let agreed = Cart::of_session(authorized);
        self.note("purchase_country", agreed.country.eq_ignore_ascii_case(cart.country));
        self.note("purchase_currency", agreed.currency.eq_ignore_ascii_case(cart.currency));
        let (expected, actual) = (agreed.lines.len(), cart.lines.len());
        if expected != actual {
            self.paths.push(format!(
                "Incorrect number of items in the cart. Expected: {expected}, Actual: {actual}"
            ));
            return;
        }
        self.note("order_amount", agreed.order_amount == cart.order_amount);
        self.note(
            "order_tax_amount",
            agreed.order_tax_amount.unwrap_or(0) == cart.order_tax_amount.unwrap_or(0),
        );
        for (index, (one, other)) in agreed.lines.iter().zip(cart.lines).enumerate() {
            self.compare_lines(&format!("order_lines[{index}]"), one, other);
        }
    }

    /// Compares the parts of a line that must not change. Pictures, links and the merchant's own data may change.
    fn compare_lines(&mut self, path: &str, one: &OrderLine, other: &OrderLine) {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let number = |number: Option<i64>| number.unwrap_or(0);
        let fields = [
            ("type", line_type(one) == line_type(other)),
            ("name", one.name == other.name),
            ("reference", text(&one.reference) == text(&other.reference)),
            ("quantity", one.quantity == other.quantity),
            ("unit_price", one.unit_price == other.unit_price),
            ("tax_rate", number(one.tax_rate) == number(other.tax_rate)),
            ("total_amount", one.total_amount == other.total_amount),
            (
                "total_discount_amount",
                number(one.total_discount_amount) == number(other.total_discount_amount),
            ),
            ("total_tax_amount", number(one.total_tax_amount) == number(other.total_tax_amount)),
        ];
        for (field, is_same) in fields {
            self.note(format!("{path}.{field}"), is_same);
        }
    }

    /// Compares an object of texts, if the payment session and the order both have it. A field that was authorized must
    /// be the same, down to its blanks. An empty text counts as absent.
    fn compare_given<T: Serialize>(&mut self, path: &str, authorized: Option<&T>, ordered: Option<&T>) {
        let (Some(authorized), Some(ordered)) = (authorized, ordered) else { return };
        let (authorized, ordered) = (fields(authorized), fields(ordered));
        let text = |fields: &Map<String, Value>, name: &str| -> String {
            fields.get(name).and_then(Value::as_str).unwrap_or_default().to_string()
        };
        for name in authorized.keys() {
            let agreed = text(&authorized, name);
            self.note(format!("{path}.{name}"), agreed.is_empty() || agreed == text(&ordered, name));
        }
    }
}

fn fields<T: Serialize>(of: &T) -> Map<String, Value> {
    match serde_json::to_value(of) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) | Err(_) => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use kassa_wire::shape::Shaped;
    use serde_json::json;

    use super::*;

    fn authorized() -> Value {
        json!({
            "purchase_country": "SE", "purchase_currency": "SEK", "order_amount": 300, "order_tax_amount": 60,
            "order_lines": [
                {"name": "Shoe", "quantity": 1, "unit_price": 100, "total_amount": 100, "tax_rate": 2500,
                 "total_tax_amount": 20},
                {"name": "Boot", "quantity": 1, "unit_price": 200, "total_amount": 200, "tax_rate": 2500,
                 "total_tax_amount": 40},
            ],
            "billing_address": {"given_name": "Jo", "postal_code": "111 22", "country": "SE", "title": ""},
            "shipping_address": {"city": "Stockholm"},
            "customer": {"date_of_birth": "1990-01-02", "type": "person"},
        })
    }

    #[track_caller]
    fn check(change: impl Fn(&mut Value), expected: &[&str]) {
        let mut order = authorized();
        change(&mut order);
        let authorized = PaymentSession::read(authorized()).unwrap();
        assert_eq!(mismatches(&authorized, &OrderCreation::read(order).unwrap()), expected);
    }

    fn remove(order: &mut Value, field: &str) {
        order.as_object_mut().unwrap().remove(field);
    }

    #[test]
    fn an_order_must_keep_currency_amounts_and_lines() {
        check(|_| {}, &[]);
        check(|order| order["purchase_currency"] = json!("EUR"), &["purchase_currency"]);
        check(|order| order["order_amount"] = json!(99), &["order_amount"]);
        check(|order| order["order_tax_amount"] = json!(null), &["order_tax_amount"]);
        check(|order| order["order_lines"][0]["quantity"] = json!(2), &["order_lines[0].quantity"]);
        check(
            |order| {
                order["order_lines"][1]["name"] = json!("Sock");
                order["order_lines"][1]["total_amount"] = json!(201);
                order["order_lines"][1]["type"] = json!("digital");
            },
            &["order_lines[1].type", "order_lines[1].name", "order_lines[1].total_amount"],
        );
    }

    #[test]
    fn another_number_of_lines_is_named_instead_of_the_amounts() {
        check(
            |order| {
                order["order_lines"].as_array_mut().unwrap().pop();
                order["order_amount"] = json!(100);
            },
            &["Incorrect number of items in the cart. Expected: 2, Actual: 1"],
        );
    }

    #[test]
    fn an_authorized_address_and_customer_must_match_exactly() {
        check(
            |order| order["billing_address"]["postal_code"] = json!("11122"),
            &["billing_address.postal_code"],
        );
        check(|order| order["shipping_address"]["city"] = json!("stockholm"), &["shipping_address.city"]);
        check(|order| order["billing_address"]["given_name"] = json!(null), &["billing_address.given_name"]);
        check(
            |order| order["customer"] = json!({"date_of_birth": "1990-01-03", "type": "organization"}),
            &["customer.date_of_birth", "customer.type"],
        );
    }

    #[test]
    fn an_order_may_add_fields_and_keeps_the_authorized_fields_that_it_omits() {
        check(|order| order["billing_address"]["family_name"] = json!("Doe"), &[]);
        check(|order| order["billing_address"]["title"] = json!("Dr"), &[]);
        check(|order| remove(order, "billing_address"), &[]);
        check(|order| remove(order, "shipping_address"), &[]);
        check(|order| remove(order, "customer"), &[]);
    }

    #[test]
    fn the_country_of_the_billing_address_overrides_the_country_of_the_purchase() {
        check(|order| order["purchase_country"] = json!("DE"), &[]);
        check(
            |order| order["billing_address"]["country"] = json!("DE"),
            &["purchase_country", "billing_address.country"],
        );
        check(
            |order| {
                order["purchase_country"] = json!("DE");
                remove(order, "billing_address");
            },
            &["purchase_country"],
        );
    }

    #[test]
    fn an_order_may_differ_in_pictures_references_and_letter_case() {
        check(|order| order["purchase_country"] = json!("se"), &[]);
        check(|order| order["order_lines"][0]["type"] = json!("PHYSICAL"), &[]);
        check(|order| order["order_lines"][0]["reference"] = json!(""), &[]);
        check(|order| order["order_lines"][0]["total_discount_amount"] = json!(0), &[]);
        check(|order| order["order_lines"][0]["image_url"] = json!("https://shop.example/shoe.png"), &[]);
        check(|order| order["merchant_reference1"] = json!("M-1"), &[]);
    }

    #[test]
    fn only_a_changed_cart_makes_authorizations_invalid() {
        let before = PaymentSession::read(authorized()).unwrap();
        let changed = |update: Value| before.clone().updated_with(update).unwrap();
        for update in [
            json!({"order_amount": 301}),
            json!({"order_lines": []}),
            json!({"purchase_currency": "EUR"}),
            json!({"billing_address": {"country": "DE"}}),
        ] {
            let mut after = before.clone();
            if update == json!({"order_lines": []}) {
                after.order_lines.clear();
            } else {
                after = changed(update.clone());
            }
            assert!(cart_differs(&before, &after), "{update}");
        }
        for update in [
            json!({"merchant_reference1": "M-1"}),
            json!({"locale": "sv-SE"}),
            json!({"shipping_address": {"city": "Oslo"}}),
            json!({"merchant_urls": {"confirmation": "https://shop.example"}}),
        ] {
            assert!(!cart_differs(&before, &changed(update.clone())), "{update}");
        }
    }
}
