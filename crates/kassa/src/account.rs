//! `kassa merchant`, `kassa credential` and `kassa operator`: manage accounts in the database that a configuration
//! names.

use clap::{Args, Subcommand, ValueEnum};
use kassa_domain::merchant::MerchantState;
use kassa_domain::{MerchantId, Role};
use kassa_engine::{AccountCreation, NAME_RULE, OperatorChange};
use kassa_server::{App, StoreError};
use serde_json::{Value, json};

use crate::config::{Config, ConfigFile};
use crate::dev::Activity;
use crate::failure::Failure;
use crate::output::{LogFormat, log_to_stderr, print};
use crate::requester::command_line;
use crate::serve::app;
use crate::table::{table, text};

/// The configuration with the database, and the output format.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    file: ConfigFile,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// The subcommands of `kassa merchant`.
#[derive(Subcommand)]
pub(crate) enum Merchant {
    /// Add a merchant with its first credential, and print the password once.
    Add {
        /// Id of the new merchant (example: PK12345).
        merchant_id: String,
        /// Name that consumers read on the payment page.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        options: Options,
    },
    /// List the merchants.
    List {
        #[command(flatten)]
        options: Options,
    },
    /// Change the name that consumers read on the payment page.
    Rename {
        /// Id of the merchant.
        merchant_id: String,
        /// The new name.
        name: String,
        #[command(flatten)]
        options: Options,
    },
    /// Suspend a merchant: it takes no new payments. Callbacks, reads, captures and refunds go on.
    Suspend {
        /// Id of the merchant.
        merchant_id: String,
        #[command(flatten)]
        options: Options,
    },
    /// Let a suspended merchant take payments again.
    Resume {
        /// Id of the merchant.
        merchant_id: String,
        #[command(flatten)]
        options: Options,
    },
}

/// The subcommands of `kassa credential`.
#[derive(Subcommand)]
pub(crate) enum Credential {
    /// Add another credential for a merchant, and print the password once.
    Add {
        /// Id of the merchant.
        merchant_id: String,
        #[command(flatten)]
        options: Options,
    },
    /// List the credentials of a merchant.
    List {
        /// Id of the merchant.
        merchant_id: String,
        #[command(flatten)]
        options: Options,
    },
    /// Revoke a credential. This node refuses it at once, other nodes within a second.
    Revoke {
        /// Username of the credential, as the list shows it.
        username: String,
        #[command(flatten)]
        options: Options,
    },
}

/// The subcommands of `kassa operator`. Operators use the console, and admins also manage merchants over the API.
#[derive(Subcommand)]
pub(crate) enum Operator {
    /// Create an operator, and print the password once.
    Add {
        /// Name of the new operator (example: deployments).
        name: String,
        /// Role of the operator.
        #[arg(long, value_enum, default_value_t = RoleName::Admin)]
        role: RoleName,
        #[command(flatten)]
        options: Options,
    },
    /// Change the role of an operator, from the next request on.
    SetRole {
        /// Name of the operator, as the list shows it.
        name: String,
        /// Role of the operator.
        #[arg(value_enum)]
        role: RoleName,
        #[command(flatten)]
        options: Options,
    },
    /// Give an operator a new generated password, and print it once. All sign-ins of the operator end.
    ResetPassword {
        /// Name of the operator, as the list shows it.
        name: String,
        #[command(flatten)]
        options: Options,
    },
    /// List the operators.
    List {
        #[command(flatten)]
        options: Options,
    },
    /// Revoke an operator. Every node refuses it at once.
    Revoke {
        /// Name of the operator, as the list shows it.
        name: String,
        #[command(flatten)]
        options: Options,
    },
    /// Let a revoked operator sign in again. An operator with a password gets a new generated one, printed once.
    Restore {
        /// Name of the operator, as the list shows it.
        name: String,
        #[command(flatten)]
        options: Options,
    },
}

/// The role of an operator, as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleName {
    /// Manages merchants, credentials and operators, and settles stuck payment operations.
    Admin,
    /// Redelivers callbacks, disables page sessions, and sends links again.
    Support,
    /// Sees everything except secrets, and changes nothing.
    ReadOnly,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Admin => Self::Admin,
            RoleName::Support => Self::Support,
            RoleName::ReadOnly => Self::ReadOnly,
        }
    }
}

/// The columns of a list of merchants.
const MERCHANT: [(&str, &str); 3] =
    [("MERCHANT", "merchant_id"), ("NAME", "name"), ("SUSPENDED AT", "suspended_at")];

/// The columns of a list of operators.
const OPERATOR: [(&str, &str); 5] = [
    ("NAME", "username"),
    ("ROLE", "role"),
    ("SIGN-IN", "sign_in"),
    ("CREATED AT", "created_at"),
    ("REVOKED AT", "revoked_at"),
];

/// The columns of a list of credentials.
const CREDENTIAL: [(&str, &str); 3] =
    [("USERNAME", "username"), ("CREATED AT", "created_at"), ("REVOKED AT", "revoked_at")];

pub(crate) fn merchant(act: &Merchant) -> Result<(), Failure> {
    match act {
        Merchant::Add { merchant_id, name, options } => on(options, Keys::Write, async |app| {
            let made =
                made(app.accounts().create_merchant(merchant_id, name, &command_line()).await?, merchant_id)?;
            Ok((json!(made), shown_once))
        }),
        Merchant::List { options } => on(options, Keys::NotRead, async |app| {
            Ok((json!({ "merchants": app.accounts().merchants_by_id().await? }), |answer: &Value| {
                table(&answer["merchants"], &MERCHANT, "No merchants.")
            }))
        }),
        Merchant::Rename { merchant_id, name, options } => on(options, Keys::Read, async |app| {
            let id = MerchantId::new(merchant_id);
            match app.accounts().rename_merchant(&id, name, &command_line()).await? {
                Some(true) => Ok((json!({ "merchant_id": merchant_id, "name": name }), renamed)),
                Some(false) => Err(Failure::Usage(format!("the name cannot be used. {NAME_RULE}"))),
                None => Err(unknown_merchant(merchant_id)),
            }
        }),
        Merchant::Suspend { merchant_id, options } => {
            set_state(options, merchant_id, MerchantState::Suspended)
        }
        Merchant::Resume { merchant_id, options } => set_state(options, merchant_id, MerchantState::Active),
    }
}

fn set_state(options: &Options, merchant_id: &str, state: MerchantState) -> Result<(), Failure> {
    on(options, Keys::Read, async |app| {
        let id = MerchantId::new(merchant_id);
        match app.accounts().set_merchant_state(&id, state, &command_line()).await? {
            true => {
                let is_suspended = state == MerchantState::Suspended;
                Ok((json!({ "merchant_id": merchant_id, "is_suspended": is_suspended }), state_in_words))
            }
            false => Err(unknown_merchant(merchant_id)),
        }
    })
}

fn renamed(answer: &Value) -> String {
    format!("Consumers read {} from now on.", text(&answer["name"]))
}

fn state_in_words(answer: &Value) -> String {
    match answer["is_suspended"].as_bool() {
        Some(true) => "The merchant takes no new payments. Other nodes follow within a second.".to_string(),
        Some(false) | None => "The merchant takes payments.".to_string(),
    }
}

pub(crate) fn credential(act: &Credential) -> Result<(), Failure> {
    match act {
        Credential::Add { merchant_id, options } => on(options, Keys::Read, async |app| {
            let made = app.accounts().create_credential(merchant_id, &command_line()).await?;
            let made = made.ok_or_else(|| unknown_merchant(merchant_id))?;
            Ok((
                json!({ "merchant_id": merchant_id, "username": made.username, "password": made.password }),
                shown_once,
            ))
        }),
        Credential::List { merchant_id, options } => on(options, Keys::NotRead, async |app| {
            Ok((
                json!({ "credentials": app.accounts().credentials_of(merchant_id).await? }),
                |answer: &Value| table(&answer["credentials"], &CREDENTIAL, "No credentials."),
            ))
        }),
        Credential::Revoke { username, options } => on(options, Keys::NotRead, async |app| {
            revoked(
                "credential",
                username,
                app.accounts().revoke_credential(username, &command_line()).await?,
            )
        }),
    }
}

pub(crate) fn operator(act: &Operator) -> Result<(), Failure> {
    match act {
        Operator::Add { name, role, options } => on(options, Keys::NotRead, async |app| {
            let made = app.accounts().create_operator(name, (*role).into(), &command_line()).await?;
            Ok((json!(self::made(made, name)?), shown_once))
        }),
        Operator::SetRole { name, role, options } => on(options, Keys::NotRead, async |app| {
            let role = Role::from(*role);
            done(app.accounts().set_operator_role(name, role, &command_line()).await?, name)?;
            Ok((json!({ "username": name, "role": role.as_str().to_ascii_lowercase() }), changed))
        }),
        Operator::ResetPassword { name, options } => on(options, Keys::NotRead, async |app| {
            let made = done(app.accounts().reset_operator(name, &command_line()).await?, name)?;
            Ok((json!(made), shown_once))
        }),
        Operator::List { options } => on(options, Keys::NotRead, async |app| {
            Ok((json!({ "operators": app.accounts().operators().await? }), |answer: &Value| {
                table(&answer["operators"], &OPERATOR, "No operators.")
            }))
        }),
        Operator::Revoke { name, options } => on(options, Keys::NotRead, async |app| {
            revoked("operator", name, app.accounts().revoke_operator(name, &command_line()).await?)
        }),
        Operator::Restore { name, options } => on(options, Keys::NotRead, async |app| {
            let change = app.accounts().restore_operator(name, &command_line()).await?;
            if matches!(change, OperatorChange::Unknown) {
                return Err(not_revoked(name));
            }
            Ok(match done(change, name)? {
                Some(made) => (json!(made), shown_once as fn(&Value) -> String),
                None => (json!({ "restored": name }), restored as fn(&Value) -> String),
            })
        }),
    }
}

fn changed(answer: &Value) -> String {
    format!("{} is {} from the next request on.", text(&answer["username"]), text(&answer["role"]))
}

fn restored(answer: &Value) -> String {
    format!("{} may sign in again, with OpenID Connect.", text(&answer["restored"]))
}

/// The answer to a change of an operator that was made.
fn done<T>(change: OperatorChange<T>, name: &str) -> Result<T, Failure> {
    match change {
        OperatorChange::Made(answer) => Ok(answer),
        OperatorChange::Unknown => Err(unknown_operator(name)),
        OperatorChange::AtProvider => Err(Failure::Usage(format!(
            "{name} signs in with OpenID Connect: the provider decides about role and password"
        ))),
    }
}

fn not_revoked(name: &str) -> Failure {
    Failure::Usage(format!("there is no revoked operator {name}: `kassa operator list` shows all"))
}

fn unknown_operator(name: &str) -> Failure {
    Failure::Usage(format!("there is no active operator {name}: `kassa operator list` shows all"))
}

fn revoked(what: &str, name: &str, is_revoked: bool) -> Result<(Value, impl Fn(&Value) -> String), Failure> {
    match is_revoked {
        true => Ok((json!({ "revoked": name }), |_: &Value| "It is refused from now on.".to_string())),
        false => Err(Failure::Usage(format!("there is no active {what} {name}"))),
    }
}

fn made<T>(made: AccountCreation<T>, name: &str) -> Result<T, Failure> {
    match made {
        AccountCreation::New(made) => Ok(made),
        AccountCreation::Taken => Err(Failure::Usage(format!("{name} exists already"))),
        AccountCreation::Unusable(fields) => Err(Failure::Usage(format!(
            "{} cannot be used. An id has letters, digits, - and _, 64 at most. {NAME_RULE}",
            fields.join(" and ")
        ))),
    }
}

pub(crate) fn unknown_merchant(id: &str) -> Failure {
    Failure::Usage(format!("there is no merchant {id}: `kassa merchant list` shows all"))
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

/// Whether a command needs the keys that encrypt stored data. Other commands work without the permission to read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// It stores encrypted data. It fails if the database needs a key that is missing, as a node does, because nodes
    /// could not read data under another key.
    Write,
    /// It reads encrypted data, or repairs a database whose keys are missing.
    Read,
    NotRead,
}

impl Keys {
    /// The configuration with the keys, if they are needed.
    pub(crate) fn of(self, config: Config) -> Result<Config, Failure> {
        match self {
            Self::Write | Self::Read => config.with_key_files(),
            Self::NotRead => Ok(config),
        }
    }

    /// Records that the database needs the key, before a command encrypts with it.
    async fn register(self, app: &App) -> Result<(), Failure> {
        match self {
            Self::Write => Ok(app.payment_accounts().register_keys().await?),
            Self::Read | Self::NotRead => Ok(()),
        }
    }
}

/// Carries out an act on the configured database, and prints the result.
pub(crate) fn on<D: Fn(&Value) -> String>(
    options: &Options,
    keys: Keys,
    act: impl AsyncFnOnce(App) -> Result<(Value, D), Failure>,
) -> Result<(), Failure> {
    on_configured(options, keys, |_| Ok(()), act)
}

/// Checks the configuration, carries out an act on its database, and prints the result.
pub(crate) fn on_configured<D: Fn(&Value) -> String>(
    options: &Options,
    keys: Keys,
    check: impl FnOnce(&Config) -> Result<(), Failure>,
    act: impl AsyncFnOnce(App) -> Result<(Value, D), Failure>,
) -> Result<(), Failure> {
    log_to_stderr(LogFormat::Text, Activity::Quiet);
    let config = Config::read(&options.file)?;
    check(&config)?;
    let config = keys.of(config)?;
    let runtime = tokio::runtime::Runtime::new().map_err(anyhow::Error::from)?;
    let (answer, draw) = runtime.block_on(async {
        let app = app(&config).await?;
        let done = match keys.register(&app).await {
            Ok(()) => act(app.clone()).await,
            Err(failure) => Err(failure),
        };
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
