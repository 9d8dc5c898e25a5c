//! `kassa secret`: the secrets that sign callbacks.

use clap::Subcommand;
use serde_json::{Value, json};

use crate::Failure;
use crate::remote::{Remote, segment};
use crate::table::{table, text};

/// What can be done with secrets.
#[derive(Subcommand)]
pub(crate) enum Act {
    /// Lists the secrets that sign, newest first.
    List {
        #[command(flatten)]
        remote: Remote,
    },
    /// Makes a new secret and shows it this once. The one before it goes on signing until it is revoked.
    Rotate {
        #[command(flatten)]
        remote: Remote,
    },
    /// Takes back a secret, once every receiver knows the new one.
    Revoke {
        /// The secret's id, as the list shows it.
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
                "{}\n\nThis is the only time it is shown. Callbacks are signed with it and with the one before it: give\n\
                 it to your receivers, then end the rotation with `kassa secret revoke`.",
                text(&new["secret"])
            )
        }),
        Act::Revoke { secret_id, remote } => {
            remote.delete(&format!("{PATH}/{}", segment(secret_id)))?;
            remote.print(&json!({ "revoked": secret_id }), |_| "It no longer signs".to_string());
        }
    }
    Ok(())
}

fn list(answer: &Value) -> String {
    let columns = [("SECRET ID", "id"), ("CREATED AT", "created_at"), ("ENDS WITH", "ends_with")];
    table(&answer["secrets"], &columns, "No secrets: callbacks go unsigned.")
}
