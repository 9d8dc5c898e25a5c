//! `kassa consumer`: the stored data of one consumer, in the database that a configuration names
//! (docs/personal-data.md).

use anyhow::anyhow;
use clap::{Args, Subcommand};
use kassa_engine::{ConsumerErasure, ConsumerSearch, WrongSearch};
use kassa_server::App;
use serde_json::{Value, json};

use crate::account::{Keys, Options, on, unknown_merchant};
use crate::failure::Failure;
use crate::requester::command_line;
use crate::table::text;

/// The most ids that a text output lists.
const MOST_LISTED: usize = 10;

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
    /// Erase a consumer: replace names, addresses and numbers by [erased]. Repeat it if it was interrupted.
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
        /// meanwhile, and fail after five seconds. On PostgreSQL, run `vacuum full` instead.
        #[arg(long, conflicts_with = "dry_run")]
        compact: bool,
        #[command(flatten)]
        options: Options,
    },
}

/// The consumer, and the merchant in whose data Kassa looks for the consumer.
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
    /// Continue although texts cannot be read, because their key is lost or they are damaged. Those texts stay as they
    /// are. First forget a lost key: kassa encryption reencrypt --forget NAME.
    #[arg(long)]
    skip_unreadable: bool,
}

impl Identity {
    async fn search(&self, app: &App) -> Result<ConsumerSearch, Failure> {
        let Self { email, phone, merchant, .. } = self;
        let search = app.consumers().search(email.as_deref(), phone.as_deref(), merchant.as_deref()).await;
        search.map_err(|why| match why {
            WrongSearch::Identity(why) => Failure::Usage(why.to_string()),
            WrongSearch::UnknownMerchant(id) => unknown_merchant(id.as_str()),
            WrongSearch::Store(error) => error.into(),
        })
    }
}

pub(crate) fn run(act: &Act) -> Result<(), Failure> {
    match act {
        Act::Show { identity, options } => on(options, Keys::Read, async |app| {
            let data = app.consumers().show(&identity.search(&app).await?).await?;
            if !identity.skip_unreadable {
                require_readable(data.unreadable, data.damaged)?;
            }
            Ok((json!(data), |data: &Value| format!("{data:#}")))
        }),
        Act::Erase { identity, include_open, dry_run, compact, options } => {
            let keys = if *dry_run { Keys::Read } else { Keys::Write };
            on(options, keys, async |app| {
                if *compact && !app.consumers().can_compact() {
                    let why =
                        "--compact is for SQLite files: on PostgreSQL, run `vacuum full` after the erasure";
                    return Err(Failure::Usage(why.to_string()));
                }
                let erasure = ConsumerErasure {
                    search: identity.search(&app).await?,
                    includes_open: *include_open,
                    is_dry_run: *dry_run,
                    skips_unreadable: identity.skip_unreadable,
                };
                let report = app.consumers().erase(&erasure, &command_line()).await?;
                if report.refused {
                    require_readable(report.unreadable, report.damaged)?;
                }
                if *compact {
                    app.consumers().compact().await?;
                }
                Ok((json!(report), erased))
            })
        }
    }
}

/// Fails if texts could not be read, because the consumer may be in them.
fn require_readable(keys_missing: usize, damaged: usize) -> Result<(), Failure> {
    if keys_missing == 0 && damaged == 0 {
        return Ok(());
    }
    let mut lines =
        vec!["some texts cannot be read, and may be about the consumer; nothing was changed:".to_string()];
    if keys_missing > 0 {
        lines.push(format!(
            "  {}: the key is not in account_key_file. Add the key to that file, and repeat the command. If the key \
             is lost, forget it first: kassa encryption reencrypt --forget NAME",
            counted(keys_missing, "text")
        ));
    }
    if damaged > 0 {
        lines.push(format!("  {}: damaged. Restore the rows from a backup.", counted(damaged, "text")));
    }
    lines
        .push("If that is impossible, add --skip-unreadable: those texts then stay as they are.".to_string());
    Err(Failure::Fault(anyhow!(lines.join("\n"))))
}

fn erased(report: &Value) -> String {
    let ids = |field: &str| -> Vec<String> {
        report[field].as_array().map(|ids| ids.iter().map(text).collect()).unwrap_or_default()
    };
    let count = |field: &str| report[field].as_u64().unwrap_or_default();
    let sessions = counted(ids("payment_sessions").len(), "payment session");
    let others = counted(count("other_rows"), "other row");
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
            "Skipped {}, because the payments are still open: {}. Repeat the command later, or use --include-open.",
            counted(open.len(), "payment session"),
            listed(&open)
        ));
    }
    let (keys_missing, damaged) = (count("unreadable"), count("damaged"));
    if keys_missing + damaged > 0 {
        lines.push(format!(
            "Skipped {} without a key and {}. They may be about the consumer.",
            counted(keys_missing, "text"),
            counted(damaged, "damaged text")
        ));
    }
    lines.join("\n")
}

/// The first ids, and how many follow.
fn listed(ids: &[String]) -> String {
    let first = ids[..ids.len().min(MOST_LISTED)].join(", ");
    match ids.len().saturating_sub(MOST_LISTED) {
        0 => first,
        more => format!("{first}, and {more} more (--json lists all)"),
    }
}

/// `1 payment session`, `2 payment sessions`.
fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    match count.try_into().unwrap_or_default() {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_output_lists_ten_payment_sessions_and_counts_the_others() {
        let report = |count: usize| {
            let open: Vec<_> = (1..=count).map(|number| format!("id-{number}")).collect();
            erased(&json!({"open_payment_sessions": open, "unreadable": 2, "damaged": 1}))
        };
        let said = report(12);
        assert!(said.contains("Skipped 12 payment sessions"), "{said}");
        assert!(said.contains("id-10, and 2 more") && !said.contains("id-11"), "{said}");
        assert!(said.contains("Skipped 2 texts without a key and 1 damaged text."), "{said}");
        assert!(!report(10).contains("more"), "{}", report(10));
    }

    #[test]
    fn a_message_tells_missing_keys_from_damaged_texts() {
        let said = |keys_missing, damaged| match require_readable(keys_missing, damaged) {
            Err(Failure::Fault(error)) => error.to_string(),
            Err(Failure::Usage(_) | Failure::ClosedPipe) | Ok(()) => String::new(),
        };
        assert_eq!(said(0, 0), "");
        assert!(
            said(2, 0).contains("2 texts: the key is not in account_key_file")
                && !said(2, 0).contains("damaged")
        );
        assert!(said(0, 1).contains("1 text: damaged") && !said(0, 1).contains("account_key_file"));
    }
}
