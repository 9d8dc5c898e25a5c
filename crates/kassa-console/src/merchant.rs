//! One merchant: its name and state, its credentials, its callbacks, the secrets that sign them, what its pages offer,
//! its payment accounts, and its profiles.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use kassa_domain::merchant::Merchant;
use kassa_domain::page_session::PaymentMethodCategory;
use kassa_domain::retry::RetrySchedule;
use kassa_domain::time::SECOND_MS;
use kassa_domain::{MerchantId, Timestamp};
use kassa_http::ApiError;
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::{ListedCredential, ListedPaymentAccount, Profile};

use crate::Console;
use crate::access::Access;
use crate::frame::{Content, Outcome, Permissions, Place, answer};
use crate::sessions::readable;

#[derive(Template)]
#[template(path = "console/merchant.html")]
struct MerchantPage {
    merchant: Arc<Merchant>,
    credentials: Vec<ListedCredential>,
    secrets: Vec<Secret>,
    schedule: ScheduleForm,
    payment_accounts: Vec<ListedPaymentAccount>,
    profiles: Vec<Profile>,
    permissions: Permissions,
}

impl MerchantPage {
    const CATEGORIES: &[PaymentMethodCategory] = PaymentMethodCategory::ALL;

    fn suspended_since(&self) -> Option<String> {
        self.merchant.suspended_at.map(readable)
    }

    fn offers(&self, category: &PaymentMethodCategory) -> bool {
        self.merchant.settings.payment_method_categories.contains(category)
    }
}

/// The schedule of a callback's attempts, as the form shows it.
pub(crate) struct ScheduleForm {
    /// The schedules with a name, each with its label.
    named: [(&'static str, &'static str, bool); 2],
    is_custom: bool,
    /// The waits in seconds, separated by spaces.
    waits_s: String,
    timeout_ms: i64,
    jitter_percent: i64,
    attempts: usize,
}

impl ScheduleForm {
    pub(crate) fn of(schedule: &RetrySchedule) -> Self {
        let is_vendors = *schedule == RetrySchedule::default();
        let is_durable = *schedule == RetrySchedule::durable();
        Self {
            named: [
                ("vendor", "as Klarna: 4 attempts, 5 seconds apart", is_vendors),
                ("durable", "durable: 10 attempts in 3 days", is_durable),
            ],
            is_custom: !is_vendors && !is_durable,
            waits_s: schedule.waits_ms.iter().map(|wait| seconds(*wait)).collect::<Vec<_>>().join(" "),
            timeout_ms: schedule.timeout_ms,
            jitter_percent: schedule.jitter_percent,
            attempts: schedule.waits_ms.len() + 1,
        }
    }
}

impl ScheduleForm {
    /// The fields of a custom schedule, with the values that the form shows.
    pub(crate) fn custom_values(&self) -> [(&'static str, String); 3] {
        [
            ("waits_s", self.waits_s.clone()),
            ("timeout_ms", self.timeout_ms.to_string()),
            ("jitter_percent", self.jitter_percent.to_string()),
        ]
    }
}

/// A duration in seconds, with milliseconds only if it has some.
fn seconds(ms: i64) -> String {
    match ms % SECOND_MS {
        0 => (ms / SECOND_MS).to_string(),
        rest => format!("{}.{rest:03}", ms / SECOND_MS),
    }
}

/// A callback secret, without the secret itself.
struct Secret {
    id: String,
    created_at: String,
    ends_with: String,
}

pub(crate) async fn show(
    State(console): State<Console>,
    access: Access,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    respond(&console, &access, &id, StatusCode::OK, None).await
}

pub(crate) async fn respond(
    console: &Console,
    access: &Access,
    id: &str,
    status: StatusCode,
    outcome: Option<Outcome>,
) -> Result<Response, ApiError> {
    let id = MerchantId::new(id);
    let merchant = console.accounts.merchant(&id).await?.ok_or_else(no_merchant)?;
    let secrets = merchant.settings.callback_secrets.iter().map(|secret| Secret {
        id: secret.id.clone(),
        created_at: readable(secret.created_at),
        ends_with: last_letters(&secret.secret),
    });
    let page = MerchantPage {
        secrets: secrets.collect(),
        schedule: ScheduleForm::of(&merchant.settings.retry_schedule),
        credentials: console.accounts.credentials_of(id.as_str()).await?,
        payment_accounts: console.payment_accounts.list(&id).await?,
        profiles: console.profiles.list(&id).await?,
        permissions: Permissions::of(access),
        merchant,
    };
    let title = format!("Merchant {}", page.merchant.name);
    let content = Content { place: Place::Merchants, title, live: None, body: page.render()? };
    answer(console, access, status, outcome, &content)
}

fn last_letters(secret: &str) -> String {
    let mut letters: Vec<char> = secret.chars().rev().take(4).collect();
    letters.reverse();
    letters.into_iter().collect()
}

pub(crate) fn no_merchant() -> ApiError {
    ApiError::refused(ErrorCode::NotFound, "There is no such merchant")
}

/// The time of an account's list, for people.
pub(crate) fn time_of(text: &str) -> String {
    kassa_wire::time::parse_ms(text).map_or_else(|| text.to_string(), |ms| readable(Timestamp::from_ms(ms)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_shown_in_seconds() {
        let form = ScheduleForm::of(&RetrySchedule {
            waits_ms: vec![1500, 60_000],
            timeout_ms: 3000,
            jitter_percent: 0,
        });
        assert_eq!((form.waits_s.as_str(), form.is_custom, form.attempts), ("1.500 60", true, 3));
        assert!(!ScheduleForm::of(&RetrySchedule::durable()).is_custom);
    }
}
