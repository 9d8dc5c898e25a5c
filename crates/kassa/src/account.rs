//! `kassa merchant`, `kassa credential` and `kassa operator`: accounts, made on the database that a configuration names.

use clap::{Args, Subcommand};
use kassa_domain::Actor;
use kassa_engine::{Created, NAME_RULE};
use kassa_server::{App, StoreError};
use serde_json::{Value, json};

use crate::config::{Config, ConfigFile};
use crate::dev::log_to_stderr;
use crate::failure::Failure;
use crate::output::print;
use crate::serve::app;
use crate::table::{table, text};

/// Which database, and how to answer.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    file: ConfigFile,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// What can be done with merchants.
#[derive(Subcommand)]
pub(crate) enum Merchant {
    /// Adds a merchant with its first credential, whose password is shown this once.
    Add {
        /// Names it, such as PK12345.
        merchant_id: String,
        /// What consumers read on the page.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        options: Options,
    },
    /// Lists the merchants.
    List {
        #[command(flatten)]
        options: Options,
    },
}

/// What can be done with credentials.
#[derive(Subcommand)]
pub(crate) enum Credential {
    /// Makes another credential for a merchant, whose password is shown this once.
    Add {
        /// The merchant.
        merchant_id: String,
        #[command(flatten)]
        options: Options,
    },
    /// Lists the credentials of a merchant.
    List {
        /// The merchant.
        merchant_id: String,
        #[command(flatten)]
        options: Options,
    },
    /// Takes a credential back. It is refused at once, on other nodes within a second.
    Revoke {
        /// The credential, as the list shows it.
        username: String,
        #[command(flatten)]
        options: Options,
    },
}

/// What can be done with operators, who make merchants and credentials over the API.
#[derive(Subcommand)]
pub(crate) enum Operator {
    /// Makes an operator, whose password is shown this once.
    Add {
        /// Names it, such as deployments.
        name: String,
        #[command(flatten)]
        options: Options,
    },
    /// Lists the operators.
    List {
        #[command(flatten)]
        options: Options,
    },
    /// Lets an operator go. It is refused at once, on every node.
    Revoke {
        /// The operator, as the list shows it.
        name: String,
        #[command(flatten)]
        options: Options,
    },
}

/// The columns of a list of credentials.
const CREDENTIAL: [(&str, &str); 3] =
    [("USERNAME", "username"), ("CREATED AT", "created_at"), ("REVOKED AT", "revoked_at")];

pub(crate) fn merchant(act: &Merchant) -> Result<(), Failure> {
    match act {
        Merchant::Add { merchant_id, name, options } => on(options, async |app| {
            let made = made(
                app.accounts().create_merchant(merchant_id, name, &Actor::CommandLine).await?,
                merchant_id,
            )?;
            Ok((json!(made), shown_once))
        }),
        Merchant::List { options } => on(options, async |app| {
            Ok((json!({ "merchants": app.accounts().merchants_by_id().await? }), |answer: &Value| {
                table(&answer["merchants"], &[("MERCHANT", "merchant_id"), ("NAME", "name")], "No merchants.")
            }))
        }),
    }
}

pub(crate) fn credential(act: &Credential) -> Result<(), Failure> {
    match act {
        Credential::Add { merchant_id, options } => on(options, async |app| {
            let made = app.accounts().create_credential(merchant_id, &Actor::CommandLine).await?;
            let made = made.ok_or_else(|| unknown_merchant(merchant_id))?;
            Ok((
                json!({ "merchant_id": merchant_id, "username": made.username, "password": made.password }),
                shown_once,
            ))
        }),
        Credential::List { merchant_id, options } => on(options, async |app| {
            Ok((
                json!({ "credentials": app.accounts().credentials_of(merchant_id).await? }),
                |answer: &Value| table(&answer["credentials"], &CREDENTIAL, "No credentials."),
            ))
        }),
        Credential::Revoke { username, options } => on(options, async |app| {
            revoked(
                "credential",
                username,
                app.accounts().revoke_credential(username, &Actor::CommandLine).await?,
            )
        }),
    }
}

pub(crate) fn operator(act: &Operator) -> Result<(), Failure> {
    match act {
        Operator::Add { name, options } => on(options, async |app| {
            Ok((
                json!(made(app.accounts().create_operator(name, &Actor::CommandLine).await?, name)?),
                shown_once,
            ))
        }),
        Operator::List { options } => on(options, async |app| {
            Ok((json!({ "operators": app.accounts().operators().await? }), |answer: &Value| {
                table(&answer["operators"], &CREDENTIAL, "No operators.")
            }))
        }),
        Operator::Revoke { name, options } => on(options, async |app| {
            revoked("operator", name, app.accounts().revoke_operator(name, &Actor::CommandLine).await?)
        }),
    }
}

fn revoked(what: &str, name: &str, is_revoked: bool) -> Result<(Value, impl Fn(&Value) -> String), Failure> {
    match is_revoked {
        true => Ok((json!({ "revoked": name }), |_: &Value| "It is refused from now on.".to_string())),
        false => Err(Failure::Usage(format!("there is no {what} {name} that is good"))),
    }
}

fn made<T>(made: Created<T>, name: &str) -> Result<T, Failure> {
    match made {
        Created::New(made) => Ok(made),
        Created::Taken => Err(Failure::Usage(format!("{name} is there already"))),
        Created::Unusable(fields) => Err(Failure::Usage(format!(
            "{} cannot be used. An id has letters, digits, - and _, 64 at most. {NAME_RULE}",
            fields.join(" and ")
        ))),
    }
}

fn unknown_merchant(id: &str) -> Failure {
    Failure::Usage(format!("there is no merchant {id}: `kassa merchant list` shows who is there"))
}

fn shown_once(answer: &Value) -> String {
    let mut lines = vec![
        format!("Username  {}", text(&answer["username"])),
        format!("Password  {}", text(&answer["password"])),
    ];
    if answer["callback_secret"].is_string() {
        lines.push(format!("Callbacks are signed with {}", text(&answer["callback_secret"])));
    }
    lines.push("\nThis is the only time that they are shown.".to_string());
    lines.join("\n")
}

/// Does it on the database of the configuration, and prints what came of it.
fn on<D: Fn(&Value) -> String>(
    options: &Options,
    act: impl AsyncFnOnce(App) -> Result<(Value, D), Failure>,
) -> Result<(), Failure> {
    log_to_stderr();
    let config = Config::read(&options.file)?;
    let runtime = tokio::runtime::Runtime::new().map_err(anyhow::Error::from)?;
    let (answer, draw) = runtime.block_on(async {
        let app = app(&config).await?;
        let done = act(app.clone()).await;
        app.close().await;
        done
    })?;
    if options.json { print(answer) } else { print(draw(&answer)) }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}
