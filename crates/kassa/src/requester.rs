//! The requester of administrative acts on the command line, for the audit trail.

use kassa_domain::Actor;
use kassa_engine::{ActOrigin, Requester};

/// The user of the operating system, on this machine.
pub(crate) fn command_line() -> Requester {
    let unknown = || "unknown".to_string();
    let host = whoami::hostname().unwrap_or_else(|_| unknown());
    let user = whoami::username().unwrap_or_else(|_| unknown());
    Requester { actor: Actor::CommandLine, origin: ActOrigin::CommandLine { host, user } }
}
