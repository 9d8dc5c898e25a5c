//! `kassa consumer`: the stored data of one consumer, in the database that a configuration names
//! (docs/personal-data.md).

use clap::{Args, Subcommand};
use kassa_engine::{ConsumerErasure, consumer_search};
use kassa_server::App;
use kassa_wire::kassa::ConsumerErasureReport;
use serde_json::{Value, json};

use crate::account::{Keys, Options, on};
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
    /// E-mail address of the consumer.
    #[arg(long, required_unless_present = "phone")]
    email: Option<String>,
    /// Phone number of the consumer, with its country code.
    #[arg(long)]
    phone: Option<String>,
    /// Only data of this merchant.
    #[arg(long, value_name = "ID")]
    merchant: Option<String>,
}

impl Identity {
    fn search(&self) -> Result<kassa_engine::ConsumerSearch, Failure> {
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
                let data = json!(app.consumers().show(&search).await?);
                Ok((data, |data: &Value| format!("{data:#}")))
            })
        }
        Act::Erase { identity, include_open, dry_run, compact, options } => {
            let erasure = ConsumerErasure {
                search: identity.search()?,
                includes_open: *include_open,
                is_dry_run: *dry_run,
            };
            on(options, Keys::Read, async |app| {
                let report = erase(&app, &erasure).await?;
                if *compact {
                    app.consumers().compact().await?;
                }
                Ok((json!(report), erased))
            })
        }
    }
}

async fn erase(app: &App, erasure: &ConsumerErasure) -> Result<ConsumerErasureReport, Failure> {
    Ok(app.consumers().erase(erasure, &command_line()).await?)
}

fn erased(report: &Value) -> String {
    let count = |field: &str| report[field].as_array().map_or(0, Vec::len);
    let sessions = count("payment_sessions");
    let others = text(&report["other_rows"]);
    let mut lines = vec![match report["dry_run"] == true {
        true => format!("Would erase the data of {sessions} payment sessions and {others} other rows."),
        false => format!(
            "Erased the data of {sessions} payment sessions and {others} other rows: {} texts were changed.",
            text(&report["erased_texts"])
        ),
    }];
    if count("open_payment_sessions") > 0 {
        lines.push(format!(
            "Left {} payment sessions as they are, because their payment is still open. Repeat the command later, or \
             use --include-open.",
            count("open_payment_sessions")
        ));
    }
    if report["unreadable"] != 0 {
        lines.push(format!(
            "Could not read {} texts, because their key is not in account_key_file. They may be about the consumer.",
            text(&report["unreadable"])
        ));
    }
    lines.join("\n")
}
