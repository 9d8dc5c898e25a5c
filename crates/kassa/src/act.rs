//! `kassa act`: a consumer's action, through the lab.

use std::fmt;

use anyhow::anyhow;
use clap::{Args, ValueEnum};
use http::{Method, StatusCode};
use kassa_wire::one_line::one_line;
use serde_json::{Value, json};

use crate::chosen_session::{id_of, refused_by_lab};
use crate::failure::Failure;
use crate::remote::{Refusal, Remote, segment};
use crate::table::text;

/// The options of `kassa act`.
#[derive(Args)]
pub(crate) struct Options {
    /// Id of the page session, or `last` for the newest one of the merchant.
    session: String,
    /// The consumer's action. The consumer enters first.
    action: Action,
    /// Identifier of the category that the consumer chooses, for approve, decline and error (default: the first one
    /// that the page shows; example: `pay_later`).
    #[arg(long)]
    category: Option<String>,
    /// E-mail address of the consumer, for approve. Its tag can make the order pending (example:
    /// customer+pend-accept-5@email.se).
    #[arg(long)]
    email: Option<String>,
    /// Reason for decline or error, which the history shows.
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

/// A consumer's action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Action {
    /// Open the page.
    Enter,
    /// Pay.
    Approve,
    /// Try to pay, and be declined.
    Decline,
    /// Try to pay, and meet a technical error.
    Error,
    /// Go back to the shop.
    Back,
    /// Cancel the purchase. In the sales channel ecommerce, this is the same as back.
    Cancel,
    /// Pay in a shop whose staff has to check the identity document.
    RequestIdCheck,
    /// As the staff: confirm the identity document.
    PassIdCheck,
    /// As the staff: refuse the identity document.
    FailIdCheck,
    /// Let the time for the check of the identity document end.
    ExpireIdCheck,
    /// Let the merchant's time limit for the consumer end.
    TimeOut,
}

/// The name in the command, which is also the lab's.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.to_possible_value().expect("no action is skipped").get_name())
    }
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let Options { session, action, category, email, reason, remote } = options;
    options.check()?;
    let id = id_of(remote, session)?;
    let details = json!({ "payment_method_category": category, "email": email, "reason": reason });
    let given = details.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let details = Value::Object(given.map(|(name, value)| (name.clone(), value.clone())).collect());
    let path = format!("/lab/v1/sessions/{}/{action}", segment(&id));
    match remote.try_call(Method::POST, &path, &details)? {
        Ok(session) => remote.print(&session, |session| {
            format!("page session {} is {}", one_line(&id), text(&session["status"]))
        }),
        Err(refusal) => Err(refused(remote, &id, &refusal)?),
    }
}

impl Options {
    /// Refuses an option that the action does not take.
    fn check(&self) -> Result<(), Failure> {
        use Action::{Approve, Decline, Error, RequestIdCheck};
        let taken_by: [(&str, bool, &[Action]); 3] = [
            ("--category", self.category.is_some(), &[Approve, Decline, Error, RequestIdCheck]),
            ("--email", self.email.is_some(), &[Approve, RequestIdCheck]),
            ("--reason", self.reason.is_some(), &[Decline, Error]),
        ];
        for (option, is_given, actions) in taken_by {
            if is_given && !actions.contains(&self.action) {
                let actions: Vec<String> = actions.iter().map(ToString::to_string).collect();
                return Err(Failure::Usage(format!(
                    "{option}: the action {} does not take it; expected one of {}",
                    self.action,
                    actions.join(", ")
                )));
            }
        }
        Ok(())
    }
}

/// The failure of an action that Kassa refused, with what to do about it.
fn refused(remote: &Remote, id: &str, refusal: &Refusal) -> Result<Failure, Failure> {
    if refusal.status != StatusCode::CONFLICT {
        return refused_by_lab(remote, id, refusal);
    }
    let session = remote.get(&format!("/hpp/v1/sessions/{}", segment(id)))?;
    let advice = match session["status"].as_str() {
        Some("WAITING") => format!(". The consumer has to open the page first: kassa act {id} enter"),
        Some("COMPLETED" | "CANCELLED" | "DISABLED") => {
            ". This status is final. Create another page session: kassa session create".to_string()
        }
        Some(_) | None => String::new(),
    };
    Ok(Failure::Fault(anyhow!("{}{advice}", refusal.words())))
}
