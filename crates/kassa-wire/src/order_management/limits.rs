//! The limits of addresses and order lines in Order Management. They are wider than those of KP
//! (docs/wire.md#field-limits).

use crate::cart::{LARGEST_AMOUNT, LINE_TYPES, ProductIdentifiers};
use crate::shape::{Field, Rule, integer, object, object_of, optional, required, text};

/// An address of Order Management. An empty text clears the field.
pub(super) const ADDRESS: Rule = object_of(
    "OrderAddress",
    &[
        optional("attention", text(0, 255)),
        optional("city", text(0, 200)),
        optional("country", Rule::CodeOrEmpty(2)),
        optional("email", text(0, 100)),
        optional("family_name", text(0, 100)),
        optional("given_name", text(0, 100)),
        optional("organization_name", text(0, 255)),
        optional("phone", text(0, 100)),
        optional("postal_code", text(0, 10)),
        optional("region", text(0, 200)),
        optional("street_address", text(0, 100)),
        optional("street_address2", text(0, 100)),
        optional("title", text(0, 20)),
    ],
);

/// The lines of a capture or a refund, or of a changed order: none to a thousand.
pub(super) const OPTIONAL_ORDER_LINES: Rule =
    Rule::List { of: &object_of("ManagedOrderLine", ORDER_LINE), min: 0, max: 1000 };

const ORDER_LINE: &[Field] = &[
    required("name", text(0, 255)),
    required("quantity", integer(0, i64::MAX)),
    required("unit_price", integer(i64::MIN, LARGEST_AMOUNT)),
    required("total_amount", integer(i64::MIN, LARGEST_AMOUNT)),
    optional("type", LINE_TYPES),
    optional("reference", text(0, 255)),
    optional("quantity_unit", text(0, 10)),
    optional("tax_rate", Rule::Rate { min: 0, max: i32::MAX as i64 }),
    optional("total_discount_amount", integer(0, LARGEST_AMOUNT)),
    optional("total_tax_amount", integer(i64::MIN, LARGEST_AMOUNT)),
    optional("product_url", text(0, 1024)),
    optional("image_url", text(0, 1024)),
    optional("merchant_data", text(0, 1024)),
    optional("product_identifiers", object::<ProductIdentifiers>()),
    optional("subscription", object_of("ManagedSubscription", SUBSCRIPTION)),
];

const SUBSCRIPTION: &[Field] = &[
    required("name", text(0, 255)),
    required("interval", Rule::Word(&["DAY", "WEEK", "MONTH", "YEAR"])),
    required("interval_count", integer(1, i32::MAX as i64)),
];
