//! `kassa consumer`: the stored data of one consumer, in the database that a configuration names
//! (docs/personal-data.md).

use anyhow::anyhow;
use clap::{Args, Subcommand};
use kassa_engine::{ConsumerErasure, ConsumerSearch, consumer_search};
use kassa_server::App;
use serde_json::{Value, json};

use crate::account::{Keys, Options, on, unknown_merchant};
use crate::failure::Failure;
use crate::requester::command_line;
use crate::table::text;

/// The subcommands of `kassa consumer`.
#[derive(Subcommand)]
pub(crate) enum Act {
    /// Print everything that is stored about a consumer, as JSON.
    Show {
        #[command(flatten)]
        identity: Identity,
        #[command(flatten)]
        options: Options,
    },
    /// Erase a consumer: replace names, addresses and numbers by a mark. Repeat it if it was interrupted.
    Erase {
        #[command(flatten)]
        identity: Identity,
        /// Also erase payments that are still open.
        #[arg(long)]
        include_open: bool,
        /// Change nothing, and print what would be erased.
        #[arg(long)]
        dry_run: bool,
        /// Rewrite a SQLite file afterwards, so that no unused part of it has erased data. Writes of nodes wait
        /// meanwhile, and fail after five seconds.
        #[arg(long, conflicts_with = "dry_run")]
        compact: bool,
        #[command(flatten)]
        options: Options,
    },
}

/// The consumer, and the merchant whose data count.
#[derive(Args)]
pub(crate) struct Identity {
    /// E-mail address of the consumer. Give it, or --phone, or both: rows with either are found.
    #[arg(long, required_unless_present = "phone")]
    email: Option<String>,
    /// Phone number of the consumer, such as +46701234567. A number that is stored without its country is found, too.
    #[arg(long)]
    phone: Option<String>,
    /// Only data of this merchant.
    #[arg(long, value_name = "ID")]
    merchant: Option<String>,
}

impl Identity {
    fn search(&self) -> Result<ConsumerSearch, Failure> {
        let Self { email, phone, merchant } = self;
        consumer_search(email.as_deref(), phone.as_deref(), merchant.as_deref())
            .map_err(|why| Failure::Usage(why.to_string()))
    }
}

pub(crate) fn run(act: &Act) -> Result<(), Failure> {
    match act {
        Act::Show { identity, options } => {
            let search = identity.search()?;
            on(options, Keys::Read, async |app| {
                require_merchant(&app, &search).await?;
                let data = app.consumers().show(&search).await?;
                require_readable(data.unreadable)?;
                Ok((json!(data), |data: &Value| format!("{data:#}")))
            })
        }
        Act::Erase { identity, include_open, dry_run, compact, options } => {
            let erasure = ConsumerErasure {
                search: identity.search()?,
                includes_open: *include_open,
                is_dry_run: *dry_run,
            };
            on(options, Keys::Read, async |app| {
                require_merchant(&app, &erasure.search).await?;
                let report = app.consumers().erase(&erasure, &command_line()).await?;
                require_readable(report.unreadable)?;
                if *compact {
                    app.consumers().compact().await?;
                }
                Ok((json!(report), erased))
            })
        }
    }
}

/// Refuses a search in the data of a merchant that does not exist, because it would find nothing.
async fn require_merchant(app: &App, search: &ConsumerSearch) -> Result<(), Failure> {
    match &search.merchant {
        Some(id) if app.accounts().merchant(id).await?.is_none() => Err(unknown_merchant(id.as_str())),
        Some(_) | None => Ok(()),
    }
}

/// Fails if texts could not be read, because the consumer may be in them.
fn require_readable(unreadable: usize) -> Result<(), Failure> {
    match unreadable {
        0 => Ok(()),
        count => Err(Failure::Fault(anyhow!(
            "{count} texts cannot be read, because their key is not in account_key_file; nothing was changed. Add \
             the key to that file, and repeat the command"
        ))),
    }
}

fn erased(report: &Value) -> String {
    let ids = |field: &str| -> Vec<String> {
        report[field].as_array().map(|ids| ids.iter().map(text).collect()).unwrap_or_default()
    };
    let sessions = counted(ids("payment_sessions").len(), "payment session");
    let others = counted(report["other_rows"].as_u64().unwrap_or_default(), "other row");
    let mut lines = vec![match report["dry_run"] == true {
        true => format!("Would erase the data of {sessions} and {others}."),
        false => format!(
            "Erased the data of {sessions} and {others}. Changed texts: {}.",
            text(&report["erased_texts"])
        ),
    }];
    let open = ids("open_payment_sessions");
    if !open.is_empty() {
        lines.push(format!(
            "Left {} as it is, because the payment is still open: {}. Repeat the command later, or use \
             --include-open.",
            counted(open.len(), "payment session"),
            open.join(", ")
        ));
    }
    lines.join("\n")
}

/// `1 payment session`, `2 payment sessions`.
fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    match count.try_into().unwrap_or_default() {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}
