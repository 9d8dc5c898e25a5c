//! The page session that a command is about, and the reasons why a lab refuses a call about it.

use anyhow::anyhow;
use http::StatusCode;

use crate::failure::Failure;
use crate::remote::{Refusal, Remote, segment};

/// The word for the newest page session of the merchant.
const NEWEST: &str = "last";

/// Returns the id of the page session that the user named by its id or as `last`.
pub(crate) fn id_of(remote: &Remote, named: &str) -> Result<String, Failure> {
    if named != NEWEST {
        return Ok(named.to_string());
    }
    let list = remote.get("/kassa/v1/sessions?limit=1")?;
    let newest = list["sessions"][0]["session_id"].as_str().map(str::to_string);
    let none = || {
        let username = remote.username();
        anyhow!("the merchant of {username} has no page sessions. Create one: kassa session create")
    };
    Ok(newest.ok_or_else(none)?)
}

/// The failure of a call of the lab about a page session. Without its lab, a Kassa answers 404 as for an unknown page
/// session, so a read of the page session tells the two apart.
pub(crate) fn refused_by_lab(remote: &Remote, id: &str, refusal: &Refusal) -> Result<Failure, Failure> {
    if refusal.status != StatusCode::NOT_FOUND {
        return Ok(remote.explained(refusal));
    }
    let has_no_lab = remote.has(&format!("/hpp/v1/sessions/{}", segment(id)))?;
    Ok(Failure::Fault(if has_no_lab {
        anyhow!(
            "the lab of this Kassa is off, so no command can act as the consumer or read the link. kassa dev has a \
             lab, and kassa serve has one with payment_system = \"sandbox\" and lab = true"
        )
    } else {
        anyhow!(
            "the merchant of {} has no page session {id}, or it has expired. List them: kassa session list",
            remote.username()
        )
    }))
}
