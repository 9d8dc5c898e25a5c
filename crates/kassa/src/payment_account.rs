//! `kassa payment-account`: manages merchants' accounts at payment systems, in the database that a configuration names.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Subcommand;
use kassa_domain::MerchantId;
use kassa_engine::{
    ACCOUNT_RULE, AccountKeys, BaseUrl, PaymentAccountError, Reencryption, SetAccountOutcome, SystemRandom,
    UnreadableAccount,
};
use kassa_server::App;
use kassa_wire::kassa::{ListedPaymentAccount, Password, PaymentAccountSetting};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::account::{Keys, Options, on, on_configured, unknown_merchant};
use crate::config::{Config, PaymentSystem};
use crate::failure::Failure;
use crate::output::print;
use crate::requester::command_line;
use crate::table::{table, text};

/// The subcommands of `kassa payment-account`.
#[derive(Subcommand)]
pub(crate) enum Act {
    /// Set a merchant's account at a payment system, with a password from a file.
    #[command(
        after_help = "Example:\n  kassa payment-account set PK12345 --base-url https://api.klarna.com \\\n    \
                            --username PK12345_1a2b --password-file password"
    )]
    Set {
        /// Id of the merchant.
        merchant_id: String,
        /// Scheme, host and port of the payment system's API (example: https://api.klarna.com).
        #[arg(long, value_name = "URL")]
        base_url: BaseUrl,
        /// The merchant's username at the payment system.
        #[arg(long)]
        username: String,
        /// File with the merchant's password at the payment system; `-` reads standard input.
        #[arg(long, value_name = "FILE")]
        password_file: PathBuf,
        #[command(flatten)]
        options: Options,
    },
    /// List a merchant's accounts, without their passwords.
    List {
        /// Id of the merchant.
        merchant_id: String,
        #[command(flatten)]
        options: Options,
    },
    /// Remove a merchant's account. Nodes stop using it within a second.
    Remove {
        /// Id of the merchant.
        merchant_id: String,
        /// Scheme, host and port of the payment system's API, as the list shows it.
        #[arg(long, value_name = "URL")]
        base_url: BaseUrl,
        #[command(flatten)]
        options: Options,
    },
    /// Encrypt all passwords and authorization tokens with the first key of `account_key_file`, to end a rotation.
    Reencrypt {
        /// Name of a lost key: the tokens that it encrypts stay unreadable. Nodes then start without this key.
        #[arg(long, value_name = "KEY")]
        forget: Option<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Print a new key, as a line of `account_key_file`.
    #[command(after_help = "Example:\n  (umask 077; kassa payment-account new-key > account-keys)")]
    NewKey {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// The columns of a list of accounts.
const ACCOUNT: [(&str, &str); 6] = [
    ("BASE URL", "base_url"),
    ("USERNAME", "username"),
    ("PASSWORD ENDS WITH", "password_ends_with"),
    ("KEY", "key"),
    ("UPDATED AT", "updated_at"),
    ("PROBLEM", "problem"),
];

pub(crate) fn run(act: &Act) -> Result<(), Failure> {
    match act {
        Act::Set { merchant_id, base_url, username, password_file, options } => {
            let asked = PaymentAccountSetting {
                base_url: base_url.to_string(),
                username: username.clone(),
                password: Password(password(password_file)?.to_string()),
            };
            on_configured(
                options,
                Keys::Read,
                |config| check_is_allowed(config, base_url),
                async |app| Ok((json!(set(&app, merchant_id, &asked).await?), stored)),
            )
        }
        Act::List { merchant_id, options } => on(options, Keys::Read, async |app| {
            Ok((json!({ "payment_accounts": accounts_of(&app, merchant_id).await? }), |answer: &Value| {
                table(&answer["payment_accounts"], &ACCOUNT, "No payment accounts.")
            }))
        }),
        Act::Remove { merchant_id, base_url, options } => on(options, Keys::NotRead, async |app| {
            remove(&app, merchant_id, base_url).await?;
            let answer = json!({ "merchant_id": merchant_id, "removed": base_url.as_str() });
            Ok((answer, |_: &Value| "The account is removed.".to_string()))
        }),
        Act::Reencrypt { forget, options } => {
            on(options, Keys::Read, async |app| Ok((reencrypt(&app, forget.as_deref()).await?, reencrypted)))
        }
        Act::NewKey { json } => new_key(*json),
    }
}

/// Refuses an account at a base URL that no node with this configuration calls.
fn check_is_allowed(config: &Config, base_url: &BaseUrl) -> Result<(), Failure> {
    match config.payment_system() {
        PaymentSystem::Klarna(settings) if !settings.allowed_base_urls.contains(base_url) => {
            Err(Failure::Usage(format!(
                "{base_url} is not among the allowed_base_urls of {}, so no node would use this account: add it there \
                 first",
                config.origin()
            )))
        }
        PaymentSystem::Klarna(_) | PaymentSystem::Sandbox | PaymentSystem::External(_) => Ok(()),
    }
}

async fn set(
    app: &App,
    merchant: &str,
    asked: &PaymentAccountSetting,
) -> Result<ListedPaymentAccount, Failure> {
    let accounts = app.payment_accounts();
    match accounts.set(&MerchantId::new(merchant), asked, &command_line()).await? {
        SetAccountOutcome::Set(account) => Ok(account),
        SetAccountOutcome::UnknownMerchant => Err(unknown_merchant(merchant)),
        SetAccountOutcome::Unusable(fields) => {
            Err(Failure::Usage(format!("{} cannot be used. {ACCOUNT_RULE}", fields.join(" and "))))
        }
        SetAccountOutcome::NoKeys => Err(Failure::Usage(UnreadableAccount::NoKeys.to_string())),
    }
}

async fn accounts_of(app: &App, merchant: &str) -> Result<Vec<ListedPaymentAccount>, Failure> {
    let id = MerchantId::new(merchant);
    if app.accounts().merchant(&id).await?.is_none() {
        return Err(unknown_merchant(merchant));
    }
    Ok(app.payment_accounts().list(&id).await?)
}

async fn remove(app: &App, merchant: &str, base_url: &BaseUrl) -> Result<(), Failure> {
    let accounts = app.payment_accounts();
    match accounts.remove(&MerchantId::new(merchant), base_url, &command_line()).await? {
        true => Ok(()),
        false => Err(Failure::Usage(format!("{merchant} has no payment account at {base_url}"))),
    }
}

/// Returns how many accounts and texts with tokens were encrypted again. Fails if some of them could not be decrypted.
async fn reencrypt(app: &App, forget: Option<&str>) -> Result<Value, Failure> {
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
    let Reencryption { reencrypted, tokens, .. } = &outcome;
    let remaining = remaining(&outcome, forget);
    if remaining.is_empty() {
        return Ok(json!({ "reencrypted": reencrypted, "reencrypted_tokens": tokens.resealed }));
    }
    Err(Failure::Fault(anyhow!(
        "encrypted {reencrypted} accounts and {} texts with tokens again. These could not be decrypted, so keep the \
         other keys:{remaining}",
        tokens.resealed
    )))
}

/// The accounts and tokens that could not be decrypted, each reason in a line of its own. The tokens of a forgotten key
/// are not among them.
fn remaining(outcome: &Reencryption, forgotten: Option<&str>) -> String {
    let accounts = outcome.unreadable.iter();
    let mut lines: Vec<_> =
        accounts.map(|row| format!("\n  {} {}: {}", row.merchant_id, row.base_url, row.problem)).collect();
    let mut tokens: BTreeMap<String, usize> = BTreeMap::new();
    for why in outcome.tokens.unreadable.iter().filter(|why| Some(why.key()) != forgotten) {
        *tokens.entry(why.to_string()).or_default() += 1;
    }
    lines.extend(tokens.iter().map(|(why, count)| format!("\n  {count} times: {why}")));
    lines.concat()
}

fn stored(answer: &Value) -> String {
    format!(
        "The account of {} at {} is stored. Its password is encrypted with the key {}.",
        text(&answer["username"]),
        text(&answer["base_url"]),
        text(&answer["key"])
    )
}

fn reencrypted(answer: &Value) -> String {
    format!(
        "Encrypted {} accounts and {} texts with tokens again. The database needs no other key than the first one of \
         account_key_file.",
        text(&answer["reencrypted"]),
        text(&answer["reencrypted_tokens"])
    )
}

fn new_key(is_json: bool) -> Result<(), Failure> {
    let key = AccountKeys::new_key(&SystemRandom);
    if !is_json {
        return print(key.as_str());
    }
    let keys = AccountKeys::parse(&key).map_err(anyhow::Error::from)?;
    print(json!({ "key": key.as_str(), "name": keys.newest() }))
}

/// Reads a password from a file, or from standard input for `-`, without the line break at its end.
fn password(file: &Path) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    let read = match file.as_os_str() == "-" {
        true => io::stdin().lock().read_to_string(&mut text).map(drop),
        false => std::fs::read_to_string(file).map(|found| *text = found),
    };
    read.map_err(|error| Failure::Usage(format!("--password-file: {}: {error}", file.display())))?;
    let line = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    Ok(Zeroizing::new(line.to_string()))
}
