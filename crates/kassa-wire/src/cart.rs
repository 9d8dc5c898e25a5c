//! The cart: order lines and their parts (docs/wire.md#payment-sessions, `order_line`).

use url::Url;

use crate::shape::{Rule, body, integer, matching, object, text};

/// The largest amount of a line and of a capture, in minor units. The newer of two sources applies
/// (docs/wire.md#field-limits).
pub const LARGEST_AMOUNT: i64 = 200_000_000;

/// The largest tax rate, with two implied decimals: 100 %.
const LARGEST_TAX_RATE: i64 = 10_000;

/// The URL of a web page or a picture.
const URL: Rule = matching("^[Hh][Tt][Tt][Pp][Ss]?://", LONGEST_URL, |text| {
    text.chars().count() <= LONGEST_URL && is_web_url(text)
});

const LONGEST_URL: usize = 1024;

fn is_web_url(text: &str) -> bool {
    let is_scheme =
        |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    (is_scheme("https://") || is_scheme("http://")) && Url::parse(text).is_ok_and(|url| url.has_host())
}

pub(crate) const LINE_TYPES: Rule = Rule::Word(&[
    "physical",
    "discount",
    "shipping_fee",
    "sales_tax",
    "digital",
    "gift_card",
    "store_credit",
    "surcharge",
    "return_fee",
]);

body! {
    /// One line of the cart. Amounts are in minor units and include tax.
    OrderLine {
        required {
            /// The name of the article.
            name: String = text(1, 255),
            /// The number of units.
            quantity: i64 = integer(0, i64::MAX),
            /// The price of one unit, before any discount. Negative for a discount line.
            unit_price: i64 = integer(i64::MIN, LARGEST_AMOUNT),
            /// `quantity * unit_price - total_discount_amount`.
            total_amount: i64 = integer(i64::MIN, LARGEST_AMOUNT),
        }
        optional {
            /// The type of the line. The default is `physical`.
            r#type: String = LINE_TYPES,
            /// The article number.
            reference: String = text(0, 255),
            /// The unit of the quantity, such as `kg` or `pcs`.
            quantity_unit: String = text(1, 8),
            /// The tax rate, with two implied decimals: 2500 is 25 %.
            tax_rate: i64 = Rule::Rate { min: 0, max: LARGEST_TAX_RATE },
            /// The discount on the whole line.
            total_discount_amount: i64 = integer(0, LARGEST_AMOUNT),
            /// The tax contained in `total_amount`. Negative for a discount line.
            total_tax_amount: i64 = integer(i64::MIN, LARGEST_AMOUNT),
            /// The URL of the article's page.
            product_url: String = URL,
            /// The URL of the article's picture.
            image_url: String = URL,
            /// The merchant's own data, passed through.
            merchant_data: String = text(0, 1024),
            /// The identifiers of the product.
            product_identifiers: ProductIdentifiers = object::<ProductIdentifiers>(),
            /// The renewal interval of a subscription.
            subscription: Subscription = object::<Subscription>(),
        }
    }
}

impl OrderLine {
    /// Returns the line as Order Management shows it: with the five fields that are always there
    /// (docs/wire.md#reading-an-order).
    #[must_use]
    pub fn shown(&self) -> Self {
        let line = self.clone();
        Self {
            reference: line.reference.or_else(|| Some(String::new())),
            quantity_unit: line.quantity_unit.or_else(|| Some(String::new())),
            tax_rate: line.tax_rate.or(Some(0)),
            total_discount_amount: line.total_discount_amount.or(Some(0)),
            total_tax_amount: line.total_tax_amount.or(Some(0)),
            ..line
        }
    }
}

body! {
    /// The identifiers of a product.
    ProductIdentifiers {
        required {}
        optional {
            /// The brand.
            brand: String = text(0, 70),
            /// The path of categories in the shop.
            category_path: String = text(0, 750),
            /// EAN, ISBN or UPC.
            global_trade_item_number: String = text(0, 50),
            /// The manufacturer's part number.
            manufacturer_part_number: String = text(0, 70),
            /// The color as shown to the consumer.
            color: String = text(0, 64),
            /// The size as shown to the consumer.
            size: String = text(0, 64),
        }
    }
}

body! {
    /// The renewal interval of a subscription.
    Subscription {
        required {
            /// The name of the subscription.
            name: String = text(1, 255),
            /// The unit of the interval.
            interval: String = Rule::Word(&["DAY", "WEEK", "MONTH", "YEAR"]),
            /// The number of units.
            interval_count: i64 = integer(1, i64::MAX),
        }
        optional {}
    }
}

/// The lines of a whole cart: one to a thousand.
pub(crate) const ORDER_LINES: Rule = Rule::List { of: &object::<OrderLine>(), min: 1, max: 1000 };
