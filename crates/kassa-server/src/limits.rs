//! Limits on what callers may do how often. They are kept in memory by each node, and measured in the system's time,
//! also for a merchant whose clock the lab moves.

mod callers;
mod limiter;
mod logins;
mod merchants;

pub(crate) use limiter::Paused;
pub(crate) use logins::{Admitted, Audience, Login, LoginLimits};
pub(crate) use merchants::MerchantLimits;
