//! The changes of admins to a merchant: its name and state, its credentials and secrets, the settings of its callbacks
//! and payments, and its accounts at payment systems.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use kassa_domain::merchant::{Merchant, MerchantState};
use kassa_domain::page_session::PaymentMethodCategory;
use kassa_domain::retry::RetrySchedule;
use kassa_domain::{MerchantId, Permission};
use kassa_engine::{ACCOUNT_RULE, BaseUrl, NAME_RULE, SetAccountOutcome, UnreadableAccount};
use kassa_http::{ApiError, Body, CallOrigin, Caller, Parameters};
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::{Password, PaymentAccountSetting};
use serde_json::{Value, json};

use crate::Console;
use crate::access::{Access, Form};
use crate::frame::Outcome;
use crate::merchant::{ScheduleForm, no_merchant, respond};

/// The field of a checkbox begins so, and ends with the category.
const CATEGORY_FIELD: &str = "category_";

/// Makes the change of a form, and shows the same page with the outcome.
pub(crate) async fn act(
    State(console): State<Console>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ApiError> {
    let Form { access, fields } = form;
    let (status, outcome) = Outcome::of(perform(&console, &access, &id, &fields).await)?;
    respond(&console, &access, &id, status, outcome).await
}

async fn perform(
    console: &Console,
    access: &Access,
    id: &str,
    fields: &Parameters,
) -> Result<Outcome, ApiError> {
    access.require(Permission::Administer)?;
    let merchant = console.accounts.merchant(&MerchantId::new(id)).await?.ok_or_else(no_merchant)?;
    let change = Change { console, access, merchant, fields };
    match fields.text("do").unwrap_or_default() {
        "rename" => change.rename().await,
        "suspend" => change.set_state(MerchantState::Suspended).await,
        "resume" => change.set_state(MerchantState::Active).await,
        "add-credential" => change.add_credential().await,
        "revoke-credential" => change.revoke_credential().await,
        "add-secret" => change.add_secret().await,
        "revoke-secret" => change.revoke_secret().await,
        "set-callbacks" => change.set_callbacks().await,
        "set-payments" => change.set_payments().await,
        "set-account" => change.set_account().await,
        "remove-account" => change.remove_account().await,
        _ => Err(ApiError::bad_values(["do"])),
    }
}

/// A change of one merchant.
struct Change<'a> {
    console: &'a Console,
    access: &'a Access,
    merchant: Arc<Merchant>,
    fields: &'a Parameters,
}

impl Change<'_> {
    fn field(&self, name: &str) -> &str {
        self.fields.text(name).unwrap_or_default().trim()
    }

    /// The merchant as the caller of the API, with the operator as the actor.
    fn caller(&self) -> (Caller, CallOrigin) {
        let now = self.console.clock.now(&self.merchant.id);
        let caller = Caller { merchant: self.merchant.clone(), actor: self.access.actor(), now };
        (caller, CallOrigin(self.access.origin.clone()))
    }

    async fn rename(&self) -> Result<Outcome, ApiError> {
        let name = self.field("name");
        let by = self.access.requester();
        match self.console.accounts.rename_merchant(&self.merchant.id, name, &by).await? {
            None => Err(no_merchant()),
            Some(false) => Err(ApiError::refused(ErrorCode::BadValue, NAME_RULE)),
            Some(true) => Ok(Outcome::Done(format!("Consumers read {name} from now on."))),
        }
    }

    async fn set_state(&self, state: MerchantState) -> Result<Outcome, ApiError> {
        let by = self.access.requester();
        match self.console.accounts.set_merchant_state(&self.merchant.id, state, &by).await? {
            false => Err(no_merchant()),
            true => Ok(Outcome::Done(match state {
                MerchantState::Suspended => "The merchant takes no new payments from now on.".to_string(),
                MerchantState::Active => "The merchant takes payments again.".to_string(),
            })),
        }
    }

    async fn add_credential(&self) -> Result<Outcome, ApiError> {
        let id = self.merchant.id.as_str();
        let made = self.console.accounts.create_credential(id, &self.access.requester()).await?;
        let made = made.ok_or_else(no_merchant)?;
        Ok(Outcome::Secrets {
            title: "The credential is created. The others stay valid.".to_string(),
            values: vec![("Username", made.username), ("Password", made.password)],
        })
    }

    async fn revoke_credential(&self) -> Result<Outcome, ApiError> {
        let (username, by) = (self.field("username"), self.access.requester());
        match self.console.accounts.revoke_credential_of(&self.merchant.id, username, &by).await? {
            true => Ok(Outcome::Done(format!("The credential {username} is refused from now on."))),
            false => Err(ApiError::refused(ErrorCode::NotFound, "No active credential has this username")),
        }
    }

    async fn add_secret(&self) -> Result<Outcome, ApiError> {
        let ((caller, origin), accounts) = (self.caller(), State(self.console.accounts.clone()));
        let created = kassa_api::add_secret(accounts, caller, origin).await?.1;
        let title = "The secret signs callbacks from now on. The one before signs too, until you revoke it.";
        Ok(Outcome::Secrets { title: title.to_string(), values: vec![("Callback secret", created.secret)] })
    }

    async fn revoke_secret(&self) -> Result<Outcome, ApiError> {
        let ((caller, origin), accounts) = (self.caller(), State(self.console.accounts.clone()));
        let id = Path(self.field("secret").to_string());
        kassa_api::revoke_secret(accounts, caller, origin, id).await?;
        Ok(Outcome::Done("The secret signs no callback any more.".to_string()))
    }

    async fn set_callbacks(&self) -> Result<Outcome, ApiError> {
        let body = Body::of(&json!({
            "retry_schedule": schedule(self.fields, &self.merchant.settings.retry_schedule)?,
            "disabled_calls_back": self.fields.text("disabled_calls_back").is_some(),
        }))?;
        let ((caller, origin), accounts) = (self.caller(), State(self.console.accounts.clone()));
        kassa_api::put_callback_settings(accounts, caller, origin, body).await?;
        Ok(Outcome::Done("The settings apply to the attempts that begin from now on.".to_string()))
    }

    async fn set_payments(&self) -> Result<Outcome, ApiError> {
        let is_chosen = |category: &&PaymentMethodCategory| {
            self.fields.text(&format!("{CATEGORY_FIELD}{}", category.as_str())).is_some()
        };
        let chosen: Vec<_> =
            PaymentMethodCategory::ALL.iter().filter(is_chosen).map(|category| category.as_str()).collect();
        let timeout_s = self.fields.text("consumer_timeout_s").map(str::trim).filter(|text| !text.is_empty());
        let timeout_s =
            timeout_s.map(|text| text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)));
        let body =
            Body::of(&json!({ "payment_method_categories": chosen, "consumer_timeout_s": timeout_s }))?;
        let ((caller, origin), accounts) = (self.caller(), State(self.console.accounts.clone()));
        kassa_api::put_payment_settings(accounts, caller, origin, body).await?;
        Ok(Outcome::Done(
            "The categories apply to payment sessions that are created from now on, and the time limit to pages that \
             are opened from now on."
                .to_string(),
        ))
    }

    async fn set_account(&self) -> Result<Outcome, ApiError> {
        let asked = PaymentAccountSetting {
            base_url: self.field("base_url").to_string(),
            username: self.field("account_username").to_string(),
            password: Password(self.fields.text("account_password").unwrap_or_default().to_string()),
        };
        let by = self.access.requester();
        match self.console.payment_accounts.set(&self.merchant.id, &asked, &by).await? {
            SetAccountOutcome::Set(account) => {
                Ok(Outcome::Done(format!("The account at {} is set.", account.base_url)))
            }
            SetAccountOutcome::UnknownMerchant => Err(no_merchant()),
            SetAccountOutcome::Unusable(fields) => Err(ApiError::bad_values_by_rule(fields, ACCOUNT_RULE)),
            SetAccountOutcome::NoKeys => {
                Err(ApiError::refused(ErrorCode::Conflict, UnreadableAccount::NoKeys.to_string()))
            }
        }
    }

    async fn remove_account(&self) -> Result<Outcome, ApiError> {
        let missing =
            || ApiError::refused(ErrorCode::NotFound, "The merchant has no account with this base URL");
        let base_url: BaseUrl = self.field("base_url").parse().map_err(|_| missing())?;
        let by = self.access.requester();
        match self.console.payment_accounts.remove(&self.merchant.id, &base_url, &by).await? {
            true => Ok(Outcome::Done(format!("The account at {} is removed.", base_url.as_str()))),
            false => Err(missing()),
        }
    }
}

/// The retry schedule of the form, as the body of the merchant's own call has it. `current` is the one that the form
/// showed.
fn schedule(fields: &Parameters, current: &RetrySchedule) -> Result<Value, ApiError> {
    let name = fields.text("schedule").unwrap_or_default();
    if name != "custom" {
        let shown = ScheduleForm::of(current).custom_values();
        let is_shown = |(name, value): &(&str, String)| {
            fields.text(name).unwrap_or_default().split([' ', ',']).eq(value.split(' '))
        };
        let rule =
            "The custom values are changed: choose the custom schedule, or leave the values as they were";
        let has_values = shown.iter().any(|(name, _)| fields.text(name).is_some());
        let is_unchanged = !has_values || shown.iter().all(is_shown);
        return is_unchanged
            .then(|| json!(name))
            .ok_or_else(|| ApiError::bad_values_by_rule(["schedule"], rule));
    }
    let waits = fields.text("waits_s").unwrap_or_default().split([' ', ',']).filter(|wait| !wait.is_empty());
    let waits_ms: Option<Vec<i64>> = waits.map(ms_of).collect();
    let rule = "The waits are seconds, separated by spaces, such as 5 60 300";
    let waits_ms = waits_ms.ok_or_else(|| ApiError::bad_values_by_rule(["waits"], rule))?;
    let number = |name: &str| {
        let number = fields.text(name).map_or(Some(0), |text| text.trim().parse::<i64>().ok());
        number.ok_or_else(|| ApiError::bad_values_by_rule([name], "It is a whole number"))
    };
    Ok(json!({
        "waits_ms": waits_ms,
        "timeout_ms": number("timeout_ms")?,
        "jitter_percent": number("jitter_percent")?,
    }))
}

/// A text of seconds, with at most three decimals, in milliseconds.
fn ms_of(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 3 || !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    format!("{whole}{fraction:0<3}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_of_a_schedule_are_seconds() {
        let form = "schedule=custom&waits_s=5+1.5%2C60&timeout_ms=2000";
        let expected = json!({ "waits_ms": [5000, 1500, 60_000], "timeout_ms": 2000, "jitter_percent": 0 });
        let schedule = |form: &[u8]| schedule(&Parameters::of(form), &RetrySchedule::default());
        assert_eq!(schedule(form.as_bytes()).unwrap(), expected);
        assert_eq!(schedule(b"schedule=durable").unwrap(), json!("durable"));
        for bad in ["1.2345", "-1", "x", ".", "1e3", "99999999999999999999"] {
            assert!(schedule(format!("schedule=custom&waits_s={bad}").as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn changed_custom_values_are_refused_if_another_schedule_is_chosen() {
        let durable = |waits: &str, timeout: &str| {
            let form = format!("schedule=durable&waits_s={waits}&timeout_ms={timeout}&jitter_percent=0");
            schedule(&Parameters::of(form.as_bytes()), &RetrySchedule::default())
        };
        assert_eq!(durable("5+5+5", "3000").unwrap(), json!("durable"));
        for (waits, timeout) in [("5+5+60", "3000"), ("5+5", "3000"), ("5+5+5", "2000"), ("", "3000")] {
            assert!(durable(waits, timeout).is_err(), "{waits}, {timeout}");
        }
    }
}
