//! The cart: order lines and what they consist of (spec 6.1, `order_line`).

use crate::shape::{Rule, body, integer, object, text};

/// No unit price and no line total exceeds this; the newer of two sources counts (spec 10).
pub const LARGEST_AMOUNT: i64 = 200_000_000;

/// The largest tax rate, with two implied decimals: 100 %.
const LARGEST_TAX_RATE: i64 = 10_000;

const LINE_TYPES: Rule = Rule::Word(&[
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
    /// One line of the cart. Amounts are minor units, taxes included.
    OrderLine {
        required {
            /// What is sold.
            name: String = text(1, 255),
            /// How many.
            quantity: i64 = integer(0, i64::MAX),
            /// The price of one, discount not taken off; negative for a discount.
            unit_price: i64 = integer(i64::MIN, LARGEST_AMOUNT),
            /// `quantity * unit_price - total_discount_amount`.
            total_amount: i64 = integer(i64::MIN, LARGEST_AMOUNT),
        }
        optional {
            /// `physical` where it is left out.
            r#type: String = LINE_TYPES,
            /// The article number.
            reference: String = text(0, 255),
            /// `kg`, `pcs`, ...
            quantity_unit: String = text(1, 8),
            /// With two implied decimals: 2500 is 25 %.
            tax_rate: i64 = integer(0, LARGEST_TAX_RATE),
            /// The discount on the whole line.
            total_discount_amount: i64 = integer(0, i64::MAX),
            /// The tax contained in `total_amount`; negative for a discount.
            total_tax_amount: i64 = integer(i64::MIN, i64::MAX),
            /// Where the article is shown.
            product_url: String = text(0, 1024),
            /// A picture of it.
            image_url: String = text(0, 1024),
            /// The merchant's own, passed through.
            merchant_data: String = text(0, 1024),
            /// What identifies the product.
            product_identifiers: ProductIdentifiers = object::<ProductIdentifiers>(),
            /// How often it renews.
            subscription: Subscription = object::<Subscription>(),
        }
    }
}

body! {
    /// What identifies a product.
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
    /// How often a subscription renews.
    Subscription {
        required {
            /// What the subscription is called.
            name: String = text(1, 255),
            /// The unit of time.
            interval: String = Rule::Word(&["DAY", "WEEK", "MONTH", "YEAR"]),
            /// How many units.
            interval_count: i64 = integer(1, i64::MAX),
        }
        optional {}
    }
}

/// Every line of a cart: one to a thousand.
pub(crate) const ORDER_LINES: Rule = Rule::List { of: &object::<OrderLine>(), min: 1, max: 1000 };

/// Lines that tell what a capture or a refund is about: none to a thousand.
pub(crate) const LINES_OF_A_PART: Rule = Rule::List { of: &object::<OrderLine>(), min: 0, max: 1000 };
