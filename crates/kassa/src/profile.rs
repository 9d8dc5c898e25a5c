//! `kassa profile`: manages the profiles of merchants, in the database that a configuration names.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use kassa_domain::MerchantId;
use kassa_engine::ProfileChange;
use kassa_server::App;
use kassa_wire::kassa::{Profile, ProfileCreation, ProfileReplacement};
use kassa_wire::shape::Shaped;
use serde_json::{Value, json};

use crate::account::{Keys, Options, on, unknown_merchant};
use crate::failure::Failure;
use crate::requester::command_line;
use crate::table::{table, text};

/// The subcommands of `kassa profile`.
#[derive(Subcommand)]
pub(crate) enum Act {
    /// Create a profile from a JSON file.
    #[command(
        after_help = "Example of a file:\n  {\"name\": \"Web shop\", \"is_default\": true, \"options\": \
                      {\"page_title\": \"Shoe Shop\"},\n   \"merchant_urls\": {\"success\": \
                      \"https://shop.example/thanks\"}}"
    )]
    Add {
        /// Id of the merchant.
        merchant_id: String,
        /// File with the profile, as the API takes it; `-` reads standard input.
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        options: Options,
    },
    /// List a merchant's profiles.
    List {
        /// Id of the merchant.
        merchant_id: String,
        #[command(flatten)]
        options: Options,
    },
    /// Print a profile as JSON.
    Show {
        /// Id of the merchant.
        merchant_id: String,
        /// Id of the profile, as the list shows it.
        profile_id: String,
        #[command(flatten)]
        options: Options,
    },
    /// Replace a profile as a whole. Existing page sessions do not change; nodes use it within a second.
    Replace {
        /// Id of the merchant.
        merchant_id: String,
        /// Id of the profile, as the list shows it.
        profile_id: String,
        /// File with the profile, as the API takes it; `-` reads standard input.
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        options: Options,
    },
    /// Delete a profile. Existing page sessions do not change; new ones cannot name it.
    Remove {
        /// Id of the merchant.
        merchant_id: String,
        /// Id of the profile, as the list shows it.
        profile_id: String,
        #[command(flatten)]
        options: Options,
    },
}

/// The columns of a list of profiles.
const PROFILE: [(&str, &str); 4] =
    [("PROFILE", "profile_id"), ("NAME", "name"), ("DEFAULT", "is_default"), ("UPDATED AT", "updated_at")];

pub(crate) fn run(act: &Act) -> Result<(), Failure> {
    match act {
        Act::Add { merchant_id, file, options } => {
            let asked: ProfileCreation = read(file)?;
            on(options, Keys::NotRead, async |app| {
                let change =
                    app.profiles().create(&MerchantId::new(merchant_id), asked, &command_line()).await?;
                Ok((json!(stored(change, merchant_id)?), is_stored))
            })
        }
        Act::List { merchant_id, options } => on(options, Keys::NotRead, async |app| {
            Ok((json!({ "profiles": profiles_of(&app, merchant_id).await? }), |answer: &Value| {
                table(&answer["profiles"], &PROFILE, "No profiles.")
            }))
        }),
        Act::Show { merchant_id, profile_id, options } => on(options, Keys::NotRead, async |app| {
            let found = app.profiles().profile(&MerchantId::new(merchant_id), profile_id).await?;
            let found = found.ok_or_else(|| unknown_profile(merchant_id))?;
            Ok((json!(found), |answer: &Value| format!("{answer:#}")))
        }),
        Act::Replace { merchant_id, profile_id, file, options } => {
            let asked: ProfileReplacement = read(file)?;
            on(options, Keys::NotRead, async |app| {
                let (of, by) = (MerchantId::new(merchant_id), command_line());
                let change = app.profiles().replace(&of, profile_id, asked, &by).await?;
                Ok((json!(stored(change, merchant_id)?), is_stored))
            })
        }
        Act::Remove { merchant_id, profile_id, options } => on(options, Keys::NotRead, async |app| match app
            .profiles()
            .delete(&MerchantId::new(merchant_id), profile_id, &command_line())
            .await?
        {
            true => {
                let answer = json!({ "merchant_id": merchant_id, "removed": profile_id });
                Ok((answer, |_: &Value| "The profile is deleted.".to_string()))
            }
            false => Err(unknown_profile(merchant_id)),
        }),
    }
}

async fn profiles_of(app: &App, merchant: &str) -> Result<Vec<Profile>, Failure> {
    let profiles = app.profiles().list(&MerchantId::new(merchant)).await?;
    // The list needs no settings, which this process may be unable to decrypt.
    let merchants = app.accounts().merchants_by_id().await?;
    match merchants.iter().any(|known| known.merchant_id == merchant) {
        true => Ok(profiles),
        false => Err(unknown_merchant(merchant)),
    }
}

/// The profile after a change, or why there is none.
fn stored(change: ProfileChange, merchant: &str) -> Result<Profile, Failure> {
    match change {
        ProfileChange::Stored(profile) => Ok(*profile),
        ProfileChange::Taken => Err(Failure::Usage(format!(
            "{merchant} has a profile with this id: use `kassa profile replace`, or choose another id"
        ))),
        ProfileChange::UnknownMerchant => Err(unknown_merchant(merchant)),
        ProfileChange::UnknownProfile => Err(unknown_profile(merchant)),
        ProfileChange::Unusable(problems) => Err(Failure::Usage(problems.messages().join(". "))),
    }
}

fn unknown_profile(merchant: &str) -> Failure {
    Failure::Usage(format!("{merchant} has no such profile: `kassa profile list {merchant}` shows all"))
}

fn is_stored(answer: &Value) -> String {
    let id = text(&answer["profile_id"]);
    match answer["is_default"].as_bool() {
        Some(true) => format!("The profile {id} applies to new page sessions that name none."),
        Some(false) | None => format!("The profile {id} applies to new page sessions that name it."),
    }
}

/// Reads a body of the API from a file, or from standard input for `-`.
fn read<T: Shaped>(file: &Path) -> Result<T, Failure> {
    let wrong = |why: String| Failure::Usage(format!("--file: {}: {why}", file.display()));
    let mut bytes = Vec::new();
    let found = match file.as_os_str() == "-" {
        true => io::stdin().lock().read_to_end(&mut bytes).map(drop),
        false => std::fs::read(file).map(|found| bytes = found),
    };
    found.map_err(|error| wrong(error.to_string()))?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| wrong(format!("not JSON: {error}")))?;
    T::read_in_body_order(value).map_err(|problems| {
        let paths: Vec<_> = problems.paths().collect();
        wrong(format!("these fields are missing or wrong: {}", paths.join(", ")))
    })
}
