//! Learns when contents are to be encrypted, and not only tokens.
//!
//! After an upgrade, somebody asks for it with `kassa encryption reencrypt --all-data`. A node with keys then encrypts
//! contents within a second, without a restart.

use kassa_domain::time::SECOND_MS;
use kassa_store::SealScope;
use tokio_util::sync::CancellationToken;

use crate::pace::Pace;
use crate::parts::EngineParts;

/// Asks once a second, until contents are encrypted or `stop`. Without keys, and with a database that encrypts
/// contents already, it ends at once.
pub(crate) async fn learn_scope_until(engine: &EngineParts, stop: CancellationToken) {
    let mut pace = Pace::new(&*engine.clock, SECOND_MS);
    while pace.next_look(&stop).await {
        match engine.store.learn_seal_scope().await {
            Ok(SealScope::Tokens) => {}
            Ok(SealScope::Nothing | SealScope::Contents) => return,
            // The database is unavailable, and other work reports it.
            Err(error) => tracing::debug!(%error, "the scope of the encryption could not be read"),
        }
    }
}
