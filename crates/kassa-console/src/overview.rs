//! The overview: how the newest page sessions ended, how many consumers paid, and which endpoints and payment
//! operations need attention.
//!
//! It is computed from a bounded number of the newest page sessions, so that it costs the same however long the history
//! is. Rates over longer times are in the metrics.

mod endpoints;
mod figures;

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use kassa_domain::{MerchantId, Timestamp};
use kassa_engine::Monotonic;
use kassa_http::{ApiError, Parameters};
use kassa_store::{RetryingEndpoint, StuckOperation};
use kassa_wire::error::ErrorCode;
use kassa_wire::kassa::ListedMerchant;
use parking_lot::Mutex;

use crate::access::Access;
use crate::frame::{Content, Place, answer};
use crate::sessions::readable;
use crate::{Console, chart};
use endpoints::EndpointFigures;
use figures::{Outcomes, Step};

/// Page sessions in the sample.
const SAMPLE: i64 = 2000;

/// How long an overview is shown to others who ask for the same one, in milliseconds.
const FRESH_MS: i64 = 3000;

/// Overviews that are kept. Beyond it, all are discarded.
const KEPT: usize = 100;

/// An overview of all merchants or of one.
pub(crate) struct Overview {
    outcomes: Outcomes,
    funnel: Vec<Step>,
    chart: String,
    from: Timestamp,
    to: Timestamp,
    endpoints: Vec<EndpointFigures>,
    retrying: Vec<RetryingEndpoint>,
    stuck: Vec<StuckOperation>,
}

/// The latest overviews.
#[derive(Default)]
pub(crate) struct OverviewCache(Mutex<HashMap<String, (Monotonic, Arc<Overview>)>>);

impl OverviewCache {
    fn get(&self, merchant: &str, now: Monotonic) -> Option<Arc<Overview>> {
        let kept = self.0.lock();
        let (made_at, overview) = kept.get(merchant)?;
        (now.ms_since(*made_at) < FRESH_MS).then(|| overview.clone())
    }

    fn keep(&self, merchant: &str, now: Monotonic, overview: Arc<Overview>) {
        let mut kept = self.0.lock();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(merchant.to_string(), (now, overview));
    }
}

#[derive(Template)]
#[template(path = "console/overview.html")]
struct OverviewPage<'a> {
    overview: &'a Overview,
    merchants: Vec<ListedMerchant>,
    /// The id of the merchant that is shown; empty for all.
    merchant: &'a str,
}

impl OverviewPage<'_> {
    fn at(at: &Timestamp) -> String {
        readable(*at)
    }

    fn is_shown(&self, merchant: &&ListedMerchant) -> bool {
        merchant.merchant_id == self.merchant
    }
}

pub(crate) async fn show(
    State(console): State<Console>,
    access: Access,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let merchant = parameters.one("merchant")?.unwrap_or_default();
    let merchants = console.accounts.merchants_by_id().await?;
    if !merchant.is_empty() && !merchants.iter().any(|listed| listed.merchant_id == merchant) {
        return Err(ApiError::refused(ErrorCode::NotFound, "There is no such merchant"));
    }
    let overview = overview_of(&console, merchant).await?;
    let body = OverviewPage { overview: &overview, merchants, merchant }.render()?;
    let content = Content { place: Place::Overview, title: "Overview".to_string(), live: None, body };
    answer(&console, &access, StatusCode::OK, None, &content)
}

async fn overview_of(console: &Console, merchant: &str) -> Result<Arc<Overview>, ApiError> {
    let now = console.clock.monotonic_now();
    if let Some(known) = console.0.overviews.get(merchant, now) {
        return Ok(known);
    }
    // The reads of a file take several milliseconds of the thread that makes them.
    let (worker, of) = (console.clone(), Some(merchant).filter(|id| !id.is_empty()).map(MerchantId::new));
    let runtime = tokio::runtime::Handle::current();
    let reading = tokio::task::spawn_blocking(move || runtime.block_on(read(&worker, of.as_ref())));
    let overview = reading.await.map_err(|error| ApiError::Fault(error.to_string()))??;
    let overview = Arc::new(overview);
    console.0.overviews.keep(merchant, now, overview.clone());
    Ok(overview)
}

async fn read(console: &Console, of: Option<&MerchantId>) -> Result<Overview, ApiError> {
    let reads = &console.reads;
    let facts = reads.newest_session_facts(of, SAMPLE).await?;
    let to = console.clock.system_now();
    let from = facts.last().map_or(to, |oldest| oldest.created_at);
    let attempts = match facts.last() {
        Some(oldest) => reads.attempt_facts(of, &oldest.id, SAMPLE).await?,
        None => Vec::new(),
    };
    let is_shown = |operation: &StuckOperation| of.is_none_or(|id| operation.merchant_id == *id);
    Ok(Overview {
        outcomes: Outcomes::of(&facts),
        funnel: figures::funnel(&facts),
        chart: chart::draw(&facts, from, to),
        from,
        to,
        endpoints: endpoints::figures(&attempts),
        retrying: reads.retrying_endpoints().await?,
        stuck: reads.stuck_operations().await?.into_iter().filter(is_shown).collect(),
    })
}
