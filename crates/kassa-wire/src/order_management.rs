//! The bodies of Order Management (docs/wire.md#reading-an-order).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cart::{LARGEST_AMOUNT, OrderLine};
use crate::people::{Address, Customer};
use crate::shape::{Rule, body, integer, list, object, text};
use crate::time::Instant;
use limits::{ADDRESS, OPTIONAL_ORDER_LINES};

mod limits;

const AMOUNT: Rule = integer(0, LARGEST_AMOUNT);

body! {
    /// `POST .../captures` (`CaptureObject`).
    CaptureCreation {
        required {
            /// The captured amount, in minor units.
            captured_amount: i64 = AMOUNT,
        }
        optional {
            /// The merchant's own reference, for settlement files.
            reference: String = text(0, 255),
            /// The text for the consumer.
            description: String = text(0, 255),
            /// The captured lines.
            order_lines: Vec<OrderLine> = OPTIONAL_ORDER_LINES,
            /// The shipments.
            shipping_info: Vec<ShippingInfo> = list(&object::<ShippingInfo>(), 0, 500),
            /// The days until shipment.
            shipping_delay: i64 = integer(0, i64::MAX),
        }
    }
}

body! {
    /// `POST .../refunds` (`RefundObject`).
    RefundCreation {
        required {
            /// The refunded amount, in minor units.
            refunded_amount: i64 = AMOUNT,
        }
        optional {
            /// The merchant's own reference, for settlement files.
            reference: String = text(0, 255),
            /// The text for the consumer.
            description: String = text(0, 255),
            /// The refunded lines.
            order_lines: Vec<OrderLine> = OPTIONAL_ORDER_LINES,
        }
    }
}

body! {
    /// `PATCH .../authorization`.
    AuthorizationUpdate {
        required {
            /// The new amount of the whole order, in minor units.
            order_amount: i64 = AMOUNT,
        }
        optional {
            /// The reason.
            description: String = text(0, 255),
            /// The new cart. If absent, the old cart stays.
            order_lines: Vec<OrderLine> = OPTIONAL_ORDER_LINES,
        }
    }
}

body! {
    /// `PATCH .../merchant-references`. Absent fields stay as they are.
    MerchantReferencesUpdate {
        required {}
        optional {
            /// The merchant's order number.
            merchant_reference1: String = text(0, 255),
            /// The merchant's second reference.
            merchant_reference2: String = text(0, 255),
        }
    }
}

body! {
    /// `PATCH .../customer-details`. Absent fields stay as they are.
    CustomerDetailsUpdate {
        required {}
        optional {
            /// The billing address.
            billing_address: Address = ADDRESS,
            /// The shipping address.
            shipping_address: Address = ADDRESS,
        }
    }
}

body! {
    /// `POST .../shipping-info` of an order or of a capture. The entries are appended.
    ShippingInfoAddition {
        required {
            /// The shipments: one to five hundred.
            shipping_info: Vec<ShippingInfo> = list(&object::<ShippingInfo>(), 1, 500),
        }
        optional {}
    }
}

body! {
    /// `PATCH .../captures/{id}/extend-due-date`.
    DueDateExtension {
        required {
            /// The extension in days, one of the capture's options.
            number_of_days: i64 = integer(1, i32::MAX as i64),
        }
        optional {}
    }
}

body! {
    /// One shipment, and its return.
    ShippingInfo {
        required {}
        optional {
            /// The carrier.
            shipping_company: String = text(0, 100),
            /// The shipping method.
            shipping_method: String = SHIPPING_METHODS,
            /// The carrier's tracking number.
            tracking_number: String = text(0, 100),
            /// The URL of the tracking page.
            tracking_uri: String = text(0, 1024),
            /// The carrier of a return.
            return_shipping_company: String = text(0, 100),
            /// The carrier's tracking number of a return.
            return_tracking_number: String = text(0, 100),
            /// The URL of the tracking page of a return.
            return_tracking_uri: String = text(0, 1024),
        }
    }
}

const SHIPPING_METHODS: Rule = Rule::Word(&[
    "PickUpStore",
    "Home",
    "BoxReg",
    "BoxUnreg",
    "PickUpPoint",
    "Own",
    "Postal",
    "DHLPackstation",
    "Digital",
    "Undefined",
    "PickUpWarehouse",
    "ClickCollect",
    "PalletDelivery",
]);

/// The answer to `GET /ordermanagement/v1/orders/{order_id}` (`MerchantOrderDto`). Amounts are minor units.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    /// The order's id.
    pub order_id: String,
    /// The order's status, such as `AUTHORIZED`.
    pub status: String,
    /// `ACCEPTED`, `PENDING` or `REJECTED`
    pub fraud_status: String,
    /// The amount that is authorized now.
    pub order_amount: i64,
    /// The amount that was authorized when the order was placed.
    pub original_order_amount: i64,
    /// The sum of the captures.
    pub captured_amount: i64,
    /// The sum of the refunds.
    pub refunded_amount: i64,
    /// The amount that can still be captured.
    pub remaining_authorized_amount: i64,
    /// The currency, by ISO 4217.
    pub purchase_currency: String,
    /// The consumer's language and region.
    pub locale: String,
    /// The cart.
    pub order_lines: Vec<OrderLine>,
    /// The merchant's order number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub merchant_reference1: Option<String>,
    /// The merchant's second reference.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub merchant_reference2: Option<String>,
    /// The short name of the order: eight upper-case letters and digits.
    pub klarna_reference: String,
    /// The consumer's date of birth and type.
    pub customer: Customer,
    /// The billing address.
    pub billing_address: Address,
    /// The shipping address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shipping_address: Option<Address>,
    /// When the order was placed.
    #[schemars(with = "Instant")]
    pub created_at: String,
    /// The country, by ISO 3166 alpha-2.
    pub purchase_country: String,
    /// The end of the authorization: from then on, nothing can be captured.
    #[schemars(with = "Instant")]
    pub expires_at: String,
    /// The captures, oldest first.
    pub captures: Vec<CaptureRead>,
    /// The refunds, oldest first.
    pub refunds: Vec<RefundRead>,
    /// The merchant's own, passed through.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub merchant_data: Option<String>,
    /// The payment method that the consumer chose.
    pub initial_payment_method: InitialPaymentMethod,
    /// The shipments.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub shipping_info: Vec<ShippingInfo>,
}

/// A payment method, in Order Management's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InitialPaymentMethod {
    /// The type in upper case, such as `INVOICE`.
    pub r#type: String,
    /// The text for the consumer.
    pub description: String,
    /// The number of installments, if the payment is split.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number_of_installments: Option<i32>,
}

/// One capture (`Capture`).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CaptureRead {
    /// The capture's id.
    pub capture_id: String,
    /// The order's short name and the capture's number: `20S0XXXX-1`.
    pub klarna_reference: String,
    /// The captured amount, in minor units.
    pub captured_amount: i64,
    /// When the amount was captured.
    #[schemars(with = "Instant")]
    pub captured_at: String,
    /// The text for the consumer.
    pub description: String,
    /// The captured lines.
    pub order_lines: Vec<OrderLine>,
    /// The amount refunded from this capture, in minor units.
    pub refunded_amount: i64,
    /// The merchant's own reference.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<String>,
    /// The billing address.
    pub billing_address: Address,
    /// The shipping address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shipping_address: Option<Address>,
    /// The shipments.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub shipping_info: Vec<ShippingInfo>,
}

/// One refund (`Refund`).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RefundRead {
    /// The refund's id.
    pub refund_id: String,
    /// The refunded amount, in minor units.
    pub refunded_amount: i64,
    /// When the amount was refunded.
    #[schemars(with = "Instant")]
    pub refunded_at: String,
    /// The text for the consumer.
    pub description: String,
    /// The refunded lines.
    pub order_lines: Vec<OrderLine>,
    /// The merchant's own reference.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<String>,
    /// Whether an organization gets a credit invoice.
    pub credit_invoice: bool,
}

/// The answer to `GET .../extend-due-date-options`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DueDateOptions {
    /// The currency, by ISO 4217.
    pub currency: String,
    /// The options from which the merchant can choose.
    pub options: Vec<DueDateOption>,
}

/// One way to extend a due date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DueDateOption {
    /// The fee, in minor units.
    pub amount: i64,
    /// The number of days.
    pub number_of_days: i64,
}
