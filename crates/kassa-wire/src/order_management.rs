//! The bodies of Order Management (spec 6.2). Absent texts come back as `""`, absent lists as `[]`, as recorded.

use serde::{Deserialize, Serialize};

use crate::cart::{LARGEST_AMOUNT, LINES_OF_A_PART, OrderLine};
use crate::people::{Address, Customer};
use crate::shape::{Rule, body, integer, list, object, text};

const AMOUNT: Rule = integer(0, LARGEST_AMOUNT);

body! {
    /// `POST .../captures` (`CaptureObject`).
    CaptureCreation {
        required {
            /// Minor units.
            captured_amount: i64 = AMOUNT,
        }
        optional {
            /// The merchant's own, for settlement files.
            reference: String = text(0, 255),
            /// What the consumer reads.
            description: String = text(0, 255),
            /// What is captured.
            order_lines: Vec<OrderLine> = LINES_OF_A_PART,
            /// How it is shipped.
            shipping_info: Vec<ShippingInfo> = list(&object::<ShippingInfo>(), 0, 500),
            /// Days until it is shipped.
            shipping_delay: i64 = integer(0, i64::MAX),
        }
    }
}

body! {
    /// `POST .../refunds` (`RefundObject`).
    RefundCreation {
        required {
            /// Minor units.
            refunded_amount: i64 = AMOUNT,
        }
        optional {
            /// The merchant's own, for settlement files.
            reference: String = text(0, 255),
            /// What the consumer reads.
            description: String = text(0, 255),
            /// What is refunded.
            order_lines: Vec<OrderLine> = LINES_OF_A_PART,
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
            /// Why.
            description: String = text(0, 255),
            /// The new cart; the old one stays where it is left out.
            order_lines: Vec<OrderLine> = LINES_OF_A_PART,
        }
    }
}

body! {
    /// `PATCH .../merchant-references`. What is left out stays.
    MerchantReferencesUpdate {
        required {}
        optional {
            /// The merchant's order number.
            merchant_reference1: String = text(0, 255),
            /// Another of the merchant's numbers.
            merchant_reference2: String = text(0, 255),
        }
    }
}

body! {
    /// `PATCH .../customer-details`. What is left out stays.
    CustomerDetailsUpdate {
        required {}
        optional {
            /// Who pays.
            billing_address: Address = object::<Address>(),
            /// Where the goods go.
            shipping_address: Address = object::<Address>(),
        }
    }
}

body! {
    /// `POST .../shipping-info`, of an order or of a capture. It is appended.
    ShippingInfoAddition {
        required {
            /// One to five hundred.
            shipping_info: Vec<ShippingInfo> = list(&object::<ShippingInfo>(), 1, 500),
        }
        optional {}
    }
}

body! {
    /// `PATCH .../captures/{id}/extend-due-date`.
    DueDateExtension {
        required {
            /// One of the options that the capture offers.
            number_of_days: i64 = integer(1, i32::MAX as i64),
        }
        optional {}
    }
}

body! {
    /// How something is shipped, and how it would be returned.
    ShippingInfo {
        required {}
        optional {
            /// The carrier.
            shipping_company: String = text(0, 100),
            /// How it reaches the consumer.
            shipping_method: String = SHIPPING_METHODS,
            /// The carrier's number.
            tracking_number: String = text(0, 100),
            /// Where to follow it.
            tracking_uri: String = text(0, 1024),
            /// The carrier of a return.
            return_shipping_company: String = text(0, 100),
            /// The carrier's number of a return.
            return_tracking_number: String = text(0, 100),
            /// Where to follow a return.
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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Names the order.
    pub order_id: String,
    /// `AUTHORIZED` and the like.
    pub status: String,
    /// `ACCEPTED`, `PENDING` or `REJECTED`
    pub fraud_status: String,
    /// What is authorized now.
    pub order_amount: i64,
    /// What was authorized at first.
    pub original_order_amount: i64,
    /// The sum of the captures.
    pub captured_amount: i64,
    /// The sum of the refunds.
    pub refunded_amount: i64,
    /// What can still be captured.
    pub remaining_authorized_amount: i64,
    /// ISO 4217.
    pub purchase_currency: String,
    /// The consumer's language and region.
    pub locale: String,
    /// The cart.
    pub order_lines: Vec<OrderLine>,
    /// The merchant's order number.
    pub merchant_reference1: String,
    /// Another of the merchant's numbers.
    pub merchant_reference2: String,
    /// The short name of the order: eight upper-case letters and digits.
    pub klarna_reference: String,
    /// Who the consumer is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub customer: Option<Customer>,
    /// Who pays.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub billing_address: Option<Address>,
    /// Where the goods go.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shipping_address: Option<Address>,
    /// When it was placed.
    pub created_at: String,
    /// ISO 3166 alpha-2.
    pub purchase_country: String,
    /// From then on nothing can be captured.
    pub expires_at: String,
    /// The captures, oldest first.
    pub captures: Vec<Capture>,
    /// The refunds, oldest first.
    pub refunds: Vec<Refund>,
    /// The merchant's own, passed through.
    pub merchant_data: String,
    /// How the consumer pays.
    pub initial_payment_method: InitialPaymentMethod,
    /// How it is shipped.
    pub shipping_info: Vec<ShippingInfo>,
}

/// How the consumer pays, in Order Management's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitialPaymentMethod {
    /// `INVOICE` and the like, in upper case.
    pub r#type: String,
    /// What the consumer reads.
    pub description: String,
    /// Into how many payments it is split, where it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number_of_installments: Option<i32>,
}

/// One capture (`Capture`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Capture {
    /// Names the capture.
    pub capture_id: String,
    /// The order's short name and the capture's number: `20S0XXXX-1`.
    pub klarna_reference: String,
    /// Minor units.
    pub captured_amount: i64,
    /// When.
    pub captured_at: String,
    /// What the consumer reads.
    pub description: String,
    /// What was captured.
    pub order_lines: Vec<OrderLine>,
    /// What was refunded of it, in minor units.
    pub refunded_amount: i64,
    /// The merchant's own.
    pub reference: String,
    /// Who pays.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub billing_address: Option<Address>,
    /// Where the goods go.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shipping_address: Option<Address>,
    /// How it is shipped.
    pub shipping_info: Vec<ShippingInfo>,
}

/// One refund (`Refund`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refund {
    /// Names the refund.
    pub refund_id: String,
    /// Minor units.
    pub refunded_amount: i64,
    /// When.
    pub refunded_at: String,
    /// What the consumer reads.
    pub description: String,
    /// What was refunded.
    pub order_lines: Vec<OrderLine>,
    /// The merchant's own.
    pub reference: String,
    /// Whether an organization gets a credit invoice.
    pub credit_invoice: bool,
}

/// The answer to `GET .../extend-due-date-options`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DueDateOptions {
    /// ISO 4217.
    pub currency: String,
    /// What the merchant can choose from.
    pub options: Vec<DueDateOption>,
}

/// One way to extend a due date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueDateOption {
    /// The fee, in minor units.
    pub amount: i64,
    /// By how many days.
    pub number_of_days: i64,
}
