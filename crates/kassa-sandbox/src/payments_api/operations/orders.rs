//! Orders.

use kassa_openapi::{Answer, ApiOperation, BodyDescription, Group, Parameter, Wire};
use kassa_wire::error::ErrorCode::{
    BadValue, CancelNotAllowed, Conflict, InvalidAddress, NoSuchOrder, NotAllowed, UnprocessableEntity,
};
use kassa_wire::order_management::{
    AuthorizationUpdate, CustomerDetailsUpdate, MerchantReferencesUpdate, Order, ShippingInfoAddition,
};

use super::payments::KEY;

pub(in super::super) const ORDERS: Group = Group {
    name: "Order Management",
    about: "After the purchase: read, change, capture, refund and cancel an order.",
    wire: Wire::OrderManagement,
};

/// The id of an order.
pub(super) const ORDER_ID: Parameter = Parameter::path("order_id", "{ORDER_ID}", "The id of the order.");

/// The answer to a change.
pub(super) const CHANGED: &[Answer] = &[Answer::empty(204, "The change is made.")];

pub(in super::super) const READ_ORDER: ApiOperation = ApiOperation::new("readOrder", "Read an order")
    .takes(&[ORDER_ID])
    .answers(&[Answer::json::<Order>(200, "The order with its captures and refunds.")])
    .refuses(&[NoSuchOrder]);

pub(in super::super) const ACKNOWLEDGE: ApiOperation =
    ApiOperation::new("acknowledgeOrder", "Acknowledge an order")
        .about("Only orders of Klarna Checkout need it. Here it changes nothing.")
        .takes(&[ORDER_ID])
        .answers(CHANGED)
        .refuses(&[NoSuchOrder]);

pub(in super::super) const UPDATE_AUTHORIZATION: ApiOperation =
    ApiOperation::new("updateOrderAuthorization", "Change the amount of an order")
        .about("The new amount is not less than what is captured. Without `order_lines`, the cart stays.")
        .takes(&[ORDER_ID, KEY])
        .body(BodyDescription::of::<AuthorizationUpdate>(
            r#"{"order_amount": 22299, "description": "Same amount"}"#,
        ))
        .answers(CHANGED)
        .refuses(&[BadValue, NotAllowed, NoSuchOrder, Conflict, UnprocessableEntity]);

pub(in super::super) const CANCEL_ORDER: ApiOperation = ApiOperation::new("cancelOrder", "Cancel an order")
    .about("Only an order without captures can be cancelled.")
    .takes(&[ORDER_ID, KEY])
    .answers(CHANGED)
    .refuses(&[BadValue, CancelNotAllowed, NoSuchOrder, Conflict]);

pub(in super::super) const UPDATE_CUSTOMER_DETAILS: ApiOperation =
    ApiOperation::new("updateCustomerDetails", "Change the addresses of an order")
        .about("Fields that the body does not have stay as they are. An empty text clears a field.")
        .takes(&[ORDER_ID, KEY])
        .body(BodyDescription::of::<CustomerDetailsUpdate>(
            r#"{"shipping_address": {"street_address": "Kungsgatan 1", "city": "Stockholm"}}"#,
        ))
        .answers(CHANGED)
        .refuses(&[BadValue, NotAllowed, NoSuchOrder, Conflict, InvalidAddress]);

pub(in super::super) const EXTEND_AUTHORIZATION: ApiOperation =
    ApiOperation::new("extendAuthorizationTime", "Extend the time of an authorization")
        .takes(&[ORDER_ID, KEY])
        .answers(CHANGED)
        .refuses(&[BadValue, NotAllowed, NoSuchOrder, Conflict]);

pub(in super::super) const UPDATE_REFERENCES: ApiOperation =
    ApiOperation::new("updateMerchantReferences", "Change the merchant's references of an order")
        .takes(&[ORDER_ID, KEY])
        .body(BodyDescription::of::<MerchantReferencesUpdate>(r#"{"merchant_reference1": "1043"}"#))
        .answers(CHANGED)
        .refuses(&[BadValue, NotAllowed, NoSuchOrder, Conflict, UnprocessableEntity]);

pub(in super::super) const RELEASE_REMAINING: ApiOperation =
    ApiOperation::new("releaseRemainingAuthorization", "Release what is not captured")
        .takes(&[ORDER_ID, KEY])
        .answers(CHANGED)
        .refuses(&[BadValue, NotAllowed, NoSuchOrder, Conflict]);

pub(in super::super) const ADD_ORDER_SHIPPING: ApiOperation =
    ApiOperation::new("addOrderShippingInfo", "Add shipments to an order")
        .takes(&[ORDER_ID, KEY])
        .body(BodyDescription::of::<ShippingInfoAddition>(SHIPMENT))
        .answers(CHANGED)
        .refuses(&[BadValue, NotAllowed, NoSuchOrder, Conflict, UnprocessableEntity]);

/// The example of a shipment.
pub(super) const SHIPMENT: &str = r#"{
  "shipping_info": [{"shipping_company": "DHL", "shipping_method": "Home", "tracking_number": "63456415674545679874"}]
}"#;
