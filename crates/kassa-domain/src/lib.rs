//! The rules of a hosted payment page: pure values and functions, without clock, randomness, disk or network.
#![no_std]

extern crate alloc;

mod actor;
pub mod amounts;
pub mod callback;
pub mod confirmation;
mod endpoint;
mod id;
pub mod id_check;
pub mod lifecycle;
pub mod merchant;
pub mod merchant_urls;
pub mod message_schedule;
pub mod operation;
pub mod order_reference;
pub mod page_session;
pub mod payment_session;
pub mod placed_order;
pub mod retry;
mod role;
pub mod time;

pub use actor::Actor;
pub use endpoint::{DueClock, Endpoint, Origin};
pub use id::{
    AuthorizationToken, EventId, MerchantId, OperationId, OrderId, PageSessionId, PaymentSessionId, Username,
};
pub use role::{Permission, Role};
pub use time::Timestamp;
