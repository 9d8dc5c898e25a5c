//! Captures and refunds.

use kassa_openapi::{Answer, AnswerHeader, ApiOperation, BodyDescription, KeptPart, Parameter};
use kassa_wire::error::ErrorCode::{
    BadValue, CaptureNotAllowed, Conflict, NoSuchCapture, NoSuchOrder, NotAllowed, NotFound,
    RefundNotAllowed, UnprocessableEntity,
};
use kassa_wire::order_management::{
    CaptureCreation, CaptureRead, DueDateExtension, DueDateOptions, RefundCreation, RefundRead,
    ShippingInfoAddition,
};

use super::orders::{CHANGED, ORDER_ID, SHIPMENT};
use super::payments::{KEY, LOCATION};

const CAPTURE_ID: Parameter = Parameter::path("capture_id", "{CAPTURE_ID}", "The id of the capture.");

pub(in super::super) const LIST_CAPTURES: ApiOperation =
    ApiOperation::new("listCaptures", "List the captures of an order")
        .takes(&[ORDER_ID])
        .answers(&[Answer::json::<Vec<CaptureRead>>(200, "The captures, oldest first.")])
        .refuses(&[NoSuchOrder]);

pub(in super::super) const CAPTURE: ApiOperation = ApiOperation::new("captureOrder", "Capture an amount")
    .about("Capture when the goods are shipped. The captures of an order are not more than its amount.")
    .takes(&[ORDER_ID, KEY])
    .body(BodyDescription::of::<CaptureCreation>(
        r#"{"captured_amount": 9999, "reference": "C1", "description": "Shipped"}"#,
    ))
    .answers(&[Answer::empty(201, "The amount is captured.")
        .with(&[AnswerHeader::new("Capture-Id", "The id of the capture."), LOCATION])])
    .refuses(&[BadValue, CaptureNotAllowed, NoSuchOrder, Conflict, UnprocessableEntity])
    .keeps("CAPTURE_ID", KeptPart::Header("Capture-Id"));

pub(in super::super) const READ_CAPTURE: ApiOperation = ApiOperation::new("readCapture", "Read a capture")
    .takes(&[ORDER_ID, CAPTURE_ID])
    .answers(&[Answer::json::<CaptureRead>(200, "The capture.")])
    .refuses(&[NoSuchOrder, NoSuchCapture]);

pub(in super::super) const EXTEND_DUE_DATE: ApiOperation =
    ApiOperation::new("extendDueDate", "Extend the due date of a capture")
        .about("Only invoices have a due date. The number of days is one of the options.")
        .takes(&[ORDER_ID, CAPTURE_ID, KEY])
        .body(BodyDescription::of::<DueDateExtension>(r#"{"number_of_days": 14}"#))
        .answers(CHANGED)
        .refuses(&[BadValue, NotAllowed, NoSuchOrder, NoSuchCapture, Conflict, UnprocessableEntity]);

pub(in super::super) const DUE_DATE_OPTIONS: ApiOperation =
    ApiOperation::new("listDueDateOptions", "List the options to extend a due date")
        .takes(&[ORDER_ID, CAPTURE_ID])
        .answers(&[Answer::json::<DueDateOptions>(200, "The options.")])
        .refuses(&[NotAllowed, NoSuchOrder, NoSuchCapture]);

pub(in super::super) const ADD_CAPTURE_SHIPPING: ApiOperation =
    ApiOperation::new("addCaptureShippingInfo", "Add shipments to a capture")
        .takes(&[ORDER_ID, CAPTURE_ID, KEY])
        .body(BodyDescription::of::<ShippingInfoAddition>(SHIPMENT))
        .answers(CHANGED)
        .refuses(&[BadValue, NotAllowed, NoSuchOrder, NoSuchCapture, Conflict, UnprocessableEntity]);

pub(in super::super) const TRIGGER_SEND_OUT: ApiOperation =
    ApiOperation::new("triggerSendOut", "Send the message of a capture again")
        .about("The sandbox sends no messages.")
        .takes(&[ORDER_ID, CAPTURE_ID])
        .answers(CHANGED)
        .refuses(&[NotAllowed, NoSuchOrder, NoSuchCapture]);

pub(in super::super) const REFUND: ApiOperation = ApiOperation::new("refundOrder", "Refund an amount")
    .about("The refunds of an order are not more than its captures.")
    .takes(&[ORDER_ID, KEY])
    .body(BodyDescription::of::<RefundCreation>(
        r#"{"refunded_amount": 1000, "reference": "R1", "description": "Too small"}"#,
    ))
    .answers(&[Answer::empty(201, "The amount is refunded.")
        .with(&[AnswerHeader::new("Refund-Id", "The id of the refund."), LOCATION])])
    .refuses(&[BadValue, RefundNotAllowed, NoSuchOrder, Conflict, UnprocessableEntity])
    .keeps("REFUND_ID", KeptPart::Header("Refund-Id"));

pub(in super::super) const READ_REFUND: ApiOperation = ApiOperation::new("readRefund", "Read a refund")
    .takes(&[ORDER_ID, Parameter::path("refund_id", "{REFUND_ID}", "The id of the refund.")])
    .answers(&[Answer::json::<RefundRead>(200, "The refund.")])
    .refuses(&[NoSuchOrder, NotFound]);
