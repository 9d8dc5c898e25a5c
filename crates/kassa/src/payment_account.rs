//! `kassa payment-account`: manages merchants' accounts at payment systems, in the database that a configuration names.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use kassa_domain::MerchantId;
use kassa_engine::{ACCOUNT_RULE, BaseUrl, SetAccountOutcome, UnreadableAccount};
use kassa_server::App;
use kassa_wire::kassa::{ListedPaymentAccount, Password, PaymentAccountSetting};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::account::{Keys, Options, on, on_configured, unknown_merchant};
use crate::config::{Config, PaymentSystem};
use crate::encryption;
use crate::failure::Failure;
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
    /// The same as `kassa encryption reencrypt`.
    Reencrypt(encryption::Reencrypt),
    /// The same as `kassa encryption new-key`.
    NewKey(encryption::NewKey),
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
        Act::Reencrypt(options) => encryption::reencrypt(options),
        Act::NewKey(options) => encryption::new_key(options),
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
    // The list needs no settings, which this process may be unable to decrypt.
    let merchants = app.accounts().merchants_by_id().await?;
    if !merchants.iter().any(|known| known.merchant_id == merchant) {
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

fn stored(answer: &Value) -> String {
    format!(
        "The account of {} at {} is stored. Its password is encrypted with the key {}.",
        text(&answer["username"]),
        text(&answer["base_url"]),
        text(&answer["key"])
    )
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
