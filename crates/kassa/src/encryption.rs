//! `kassa encryption`: the encryption of stored data with the keys of `account_key_file`.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use kassa_engine::{AccountKeys, PaymentAccountError, Reencryption, SealScope, SystemRandom};
use kassa_server::App;
use serde_json::{Value, json};

use crate::account::{Keys, Options, on};
use crate::failure::Failure;
use crate::output::print;
use crate::requester::command_line;
use crate::table::text;

/// The time in which every node learns that all data are encrypted. Nodes ask once a second.
const NODES_LEARN: Duration = Duration::from_secs(3);

/// The subcommands of `kassa encryption`.
#[derive(Subcommand)]
pub(crate) enum Act {
    /// Encrypt all stored passwords, tokens, callback secrets and data of consumers with the first key of
    /// `account_key_file`, to begin the encryption or to end a rotation.
    Reencrypt(Reencrypt),
    /// Print a new key, as a line of `account_key_file`.
    #[command(after_help = "Example:\n  (umask 077; kassa encryption new-key > account-keys)")]
    NewKey(NewKey),
}

/// The options of `kassa encryption reencrypt`.
#[derive(Args)]
pub(crate) struct Reencrypt {
    /// Also encrypt callback secrets and data of consumers in a database of an earlier version. Run it when every node
    /// has this version: earlier ones cannot read such data, and no longer start.
    #[arg(long)]
    all_data: bool,
    /// Name of a lost key: the texts that it encrypts stay unreadable. Nodes then start without this key.
    #[arg(long, value_name = "KEY")]
    forget: Option<String>,
    #[command(flatten)]
    options: Options,
}

/// The options of `kassa encryption new-key`.
#[derive(Args)]
pub(crate) struct NewKey {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(act: &Act) -> Result<(), Failure> {
    match act {
        Act::Reencrypt(options) => reencrypt(options),
        Act::NewKey(options) => new_key(options),
    }
}

pub(crate) fn reencrypt(options: &Reencrypt) -> Result<(), Failure> {
    let Reencrypt { all_data, forget, options } = options;
    on(options, Keys::Read, async |app| {
        if *all_data {
            encrypt_all_data(&app).await?;
        }
        Ok((reencrypt_stored(&app, forget.as_deref()).await?, reencrypted))
    })
}

/// Has every node encrypt all data from now on, and waits until they do.
async fn encrypt_all_data(app: &App) -> Result<(), Failure> {
    let accounts = app.payment_accounts();
    if accounts.seal_scope().await? == SealScope::Tokens {
        accounts.seal_contents(&command_line()).await?;
        tokio::time::sleep(NODES_LEARN).await;
    }
    Ok(())
}

/// Returns how many accounts and texts were encrypted again. Fails if some of them could not be decrypted.
async fn reencrypt_stored(app: &App, forget: Option<&str>) -> Result<Value, Failure> {
    let accounts = app.payment_accounts();
    let outcome = accounts.reencrypt(&command_line()).await.map_err(|error| match error {
        PaymentAccountError::Store(error) => error.into(),
        PaymentAccountError::Unreadable(why) => Failure::Usage(why.to_string()),
    })?;
    if let Some(key) = forget
        && !accounts.forget_key(key, &command_line()).await?
    {
        return Err(Failure::Usage(format!("--forget: the database needs no key with the name {key}")));
    }
    let Reencryption { reencrypted, texts, .. } = &outcome;
    let remaining = remaining(&outcome, forget);
    if remaining.is_empty() {
        let has_all = accounts.seal_scope().await? == SealScope::Contents;
        let answer =
            json!({ "reencrypted": reencrypted, "reencrypted_texts": texts.resealed, "all_data": has_all });
        return Ok(answer);
    }
    Err(Failure::Fault(anyhow!(
        "encrypted {reencrypted} accounts and {} texts again. These could not be decrypted, so keep the other \
         keys:{remaining}",
        texts.resealed
    )))
}

/// The accounts and texts that could not be decrypted, each reason in a line of its own. The texts of a forgotten key
/// are not among them.
fn remaining(outcome: &Reencryption, forgotten: Option<&str>) -> String {
    let accounts = outcome.unreadable.iter();
    let mut lines: Vec<_> =
        accounts.map(|row| format!("\n  {} {}: {}", row.merchant_id, row.base_url, row.problem)).collect();
    let mut texts: BTreeMap<String, usize> = BTreeMap::new();
    for why in outcome.texts.unreadable.iter().filter(|why| Some(why.key()) != forgotten) {
        *texts.entry(why.to_string()).or_default() += 1;
    }
    lines.extend(texts.iter().map(|(why, count)| format!("\n  {count} times: {why}")));
    lines.concat()
}

fn reencrypted(answer: &Value) -> String {
    let mut said = format!(
        "Encrypted {} accounts and {} texts again. The database needs no other key than the first one of \
         account_key_file.",
        text(&answer["reencrypted"]),
        text(&answer["reencrypted_texts"])
    );
    if answer["all_data"] == false {
        said += "\nCallback secrets and data of consumers are still in clear text: when every node has this version, \
                 run kassa encryption reencrypt --all-data.";
    }
    said
}

pub(crate) fn new_key(options: &NewKey) -> Result<(), Failure> {
    let key = AccountKeys::new_key(&SystemRandom);
    if !options.json {
        return print(key.as_str());
    }
    let keys = AccountKeys::parse(&key).map_err(anyhow::Error::from)?;
    print(json!({ "key": key.as_str(), "name": keys.newest() }))
}
