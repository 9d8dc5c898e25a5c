//! `POST /kp/v1/sessions/{session_id}/authorize`: decides about the consumer who has filled in the form.

use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode};
use kassa_domain::Actor;
use kassa_domain::payment_session::PaymentSession;
use kassa_engine::{Approval, Consumer, Decision, Missing, Payments, SignUp};
use kassa_http::{ApiError, Body, Json};
use kassa_store::CommitOutcome;
use kassa_wire::sdk::{SdkAnswer, SdkAuthorization, SdkDecision, SdkError};
use kassa_wire::stored::Stored;

use super::outcome::{LATE_APPROVAL_MS, SdkBehaviour};
use super::session::{open_session, read_open};
use crate::sandbox::content::StoredContent;
use crate::sandbox::{decide, offered_categories};

/// The field that the outcome "invalid fields" names.
const INVALID_FIELD: &str = "billing_address.postal_code";

pub(super) async fn authorize(
    State(payments): State<Payments>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<SdkDecision>, ApiError> {
    let session = open_session(&payments, &headers, &id).await?;
    let asked: SdkAuthorization = body.read()?;
    let category = category(&session.payment, asked.payment_method_category.as_deref())?;
    let consumer = consumer(&asked, &category);
    let decision = match decide(payments.random(), &consumer, session.now) {
        Decision::Incomplete(missing) => {
            SdkDecision::Correct { fields: missing.into_iter().map(name).collect() }
        }
        // A page cannot distinguish a technical error from a decline, as at the vendor. A web shop has no staff that
        // checks documents.
        Decision::Declined(_) | Decision::Errored(_) | Decision::IdCheck(_) => {
            SdkDecision::Answer(SdkAnswer::default())
        }
        Decision::Authorized(approval) => {
            payments.require_takes_payments(&session.payment.merchant_id).await?;
            let authorizing = Authorizing { payments, payment: session.payment, category, approval };
            let finalizes = asked.auto_finalize != Some(false);
            authorizing.behaving(SdkBehaviour::of(consumer.email.trim()), finalizes).await?
        }
    };
    Ok(Json(StatusCode::OK, decision))
}

/// A payment that the sandbox approves.
struct Authorizing {
    payments: Payments,
    payment: PaymentSession,
    category: String,
    approval: Approval,
}

impl Authorizing {
    async fn behaving(self, behaviour: SdkBehaviour, finalizes: bool) -> Result<SdkDecision, ApiError> {
        let answer = match behaviour {
            SdkBehaviour::Usual | SdkBehaviour::NotOffered | SdkBehaviour::PopupBlocked if finalizes => {
                self.approved().await?
            }
            SdkBehaviour::Usual | SdkBehaviour::NotOffered | SdkBehaviour::PopupBlocked => SdkAnswer {
                approved: true,
                show_form: true,
                finalize_required: Some(true),
                ..Default::default()
            },
            SdkBehaviour::NoCallback => {
                self.approved().await?;
                return Ok(SdkDecision::Nothing);
            }
            SdkBehaviour::Aborted => SdkAnswer { show_form: true, ..Default::default() },
            SdkBehaviour::InvalidFields => {
                let error = SdkError { invalid_fields: vec![INVALID_FIELD.to_string()] };
                SdkAnswer { show_form: true, error: Some(error), ..Default::default() }
            }
            SdkBehaviour::Technical => SdkAnswer::default(),
            SdkBehaviour::LateApproval => {
                let wait = self.payments.sleep(LATE_APPROVAL_MS);
                tokio::spawn(self.approve_after(wait));
                SdkAnswer::default()
            }
        };
        Ok(SdkDecision::Answer(answer))
    }

    /// Authorizes the payment session. If it changes meanwhile, the authorization is for its new content.
    async fn approved(mut self) -> Result<SdkAnswer, ApiError> {
        loop {
            let (approval, actor) = (self.approval.clone(), &Actor::Consumer);
            let committed = self
                .payments
                .authorize_payment_session(&self.payment, &self.category, approval, actor)
                .await?;
            match committed {
                CommitOutcome::Done => break,
                CommitOutcome::Stale => self.payment = read_open(&self.payments, &self.payment.id).await?,
            }
        }
        Ok(SdkAnswer {
            approved: true,
            show_form: true,
            authorization_token: Some(self.approval.token.as_str().to_string()),
            ..Default::default()
        })
    }

    async fn approve_after(self, wait: impl Future<Output = ()>) {
        wait.await;
        let payment_session_id = self.payment.id.clone();
        if let Err(error) = self.approved().await {
            tracing::warn!(%payment_session_id, ?error, "a late approval was not stored; it is not repeated");
        }
    }
}

/// Returns the chosen category, or the first one of the payment session.
fn category(payment: &PaymentSession, asked: Option<&str>) -> Result<String, ApiError> {
    let chosen = StoredContent::from_stored(&payment.body)?.offered_categories;
    let mut offered = offered_categories(&chosen).into_iter().map(|category| category.identifier);
    let found = offered.find(|identifier| asked.is_none_or(|asked| asked == identifier));
    found.ok_or_else(|| ApiError::bad_values(["payment_method_category"]))
}

fn consumer(asked: &SdkAuthorization, category: &str) -> Consumer {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let is_sign_up = asked.given_name.is_some();
    Consumer {
        email: asked.email.clone(),
        one_time_code: asked.one_time_code.clone(),
        category: category.to_string(),
        sign_up: is_sign_up.then(|| SignUp {
            given_name: text(&asked.given_name),
            family_name: text(&asked.family_name),
            date_of_birth: text(&asked.date_of_birth),
        }),
    }
}

/// The name of a field in the form.
fn name(missing: Missing) -> String {
    let name = match missing {
        Missing::Email => "email",
        Missing::OneTimeCode => "one_time_code",
        Missing::SignUp => "sign_up",
        Missing::GivenName => "given_name",
        Missing::FamilyName => "family_name",
        Missing::DateOfBirth => "date_of_birth",
    };
    name.to_string()
}
