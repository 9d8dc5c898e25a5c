//! `kassa open`: opens a page in the browser.

use anyhow::anyhow;
use clap::Args;
use http::Method;
use serde_json::{Value, json};

use crate::chosen_session::{id_of, refused_by_lab};
use crate::environment::variable;
use crate::failure::Failure;
use crate::remote::{Remote, segment};
use crate::table::text;

/// Variables of which one is set if a program can open a window: X11, Wayland, the user's own choice, and WSL.
const DISPLAYS: [&str; 4] = ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"];

/// The options of `kassa open`.
#[derive(Args)]
pub(crate) struct Options {
    /// Id of the page session, or `last` for the newest one of the merchant (default: the first page of `kassa dev`).
    session: Option<String>,
    /// Print the link, and open no browser. Without a display, this is what happens.
    #[arg(long)]
    print: bool,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let Options { session, print, remote } = options;
    let url = match session {
        Some(session) => page_of(remote, session)?,
        None => first_page(remote)?,
    };
    let opens = !print && has_display();
    if opens {
        let cannot = |error| anyhow!("no browser can be opened: {error}. Open this link yourself: {url}");
        webbrowser::open(&url).map_err(cannot)?;
    }
    let answer = json!({ "url": url, "opened": opens });
    remote.print(&answer, |_| if opens { format!("Opened {url}") } else { url.clone() })
}

/// Returns the link to the page of a page session.
fn page_of(remote: &Remote, session: &str) -> Result<String, Failure> {
    let id = id_of(remote, session)?;
    let path = format!("/lab/v1/sessions/{}/link", segment(&id));
    match remote.try_call(Method::GET, &path, &Value::Null)? {
        Ok(link) => Ok(text(&link["redirect_url"])),
        Err(refusal) => Err(refused_by_lab(remote, &id, &refusal)?),
    }
}

/// Returns the URL of the first page, which only `kassa dev` has.
fn first_page(remote: &Remote) -> Result<String, Failure> {
    if remote.has("/")? {
        return Ok(remote.url_of("/"));
    }
    let missing =
        "this Kassa has no first page, because it is not kassa dev. Name a page session: kassa open last";
    Err(Failure::Fault(anyhow!(missing)))
}

fn has_display() -> bool {
    let is_set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos") || DISPLAYS.iter().any(is_set)
}
