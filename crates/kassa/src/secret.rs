//! `kassa secret`: lists, rotates and revokes the secrets that sign callbacks.

use clap::Subcommand;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::remote::{Remote, segment};
use crate::table::{table, text};

/// The subcommands of `kassa secret`.
#[derive(Subcommand)]
pub(crate) enum Act {
    /// List the active secrets, newest first.
    List {
        #[command(flatten)]
        remote: Remote,
    },
    /// Create a new secret and print it once. The previous secret keeps signing until you revoke it.
    Rotate {
        #[command(flatten)]
        remote: Remote,
    },
    /// Revoke a secret. Do this when every receiver knows the new one.
    Revoke {
        /// Id of the secret, as `kassa secret list` prints it.
        secret_id: String,
        #[command(flatten)]
        remote: Remote,
    },
}

const PATH: &str = "/kassa/v1/callbacks/secrets";

pub(crate) fn run(act: &Act) -> Result<(), Failure> {
    match act {
        Act::List { remote } => remote.print(&remote.get(PATH)?, list),
        Act::Rotate { remote } => remote.print(&remote.post(PATH, &json!({}))?, |new| {
            format!(
                "{}\n\nThis secret is shown only once. Kassa now signs callbacks with it and with the previous \
                 secret.\n\
                 Give it to your receivers, then revoke the previous one with `kassa secret revoke`.",
                text(&new["secret"])
            )
        }),
        Act::Revoke { secret_id, remote } => {
            remote.delete(&format!("{PATH}/{}", segment(secret_id)))?;
            remote.print(&json!({ "revoked": secret_id }), |_| "It no longer signs".to_string())
        }
    }
}

fn list(answer: &Value) -> String {
    let columns = [("SECRET ID", "id"), ("CREATED AT", "created_at"), ("ENDS WITH", "ends_with")];
    table(&answer["secrets"], &columns, "No secrets: callbacks are not signed.")
}
