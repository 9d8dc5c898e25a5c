//! The audit trail: what is recorded, the task that chains it, and its verification (docs/audit.md).

mod act;
mod chaining;
mod comparison;
mod content;
mod export;
mod file;
mod problem;
mod retention;
mod state;
mod verification;

use kassa_store::Store;

pub use act::{Act, ActKind, Requester};
pub(crate) use act::{ActLog, log_act, settings_act};
pub(crate) use chaining::{chain_now, chain_until};
pub use export::{AuditExport, ExportFilter};
pub use file::{FileCheck, FileProblem};
pub use problem::AuditProblem;
pub(crate) use retention::shorten_chains;
pub use verification::{Progress, VerifiedTrail, VerifyError};

/// Verifies and exports the audit trail.
#[derive(Clone)]
pub struct AuditTrail(Store);

impl AuditTrail {
    pub(crate) fn new(store: Store) -> Self {
        Self(store)
    }
}
