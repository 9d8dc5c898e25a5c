//! `GET /kassa/v1/events`: the feed of the merchant's events, in an order that never changes; a long poll.

use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use kassa_domain::time::SECOND_MS;
use kassa_engine::{LONGEST_WAIT_S, News, NewsSubscription, READ_AGAIN_MS, Reads, WaitOutcome};
use kassa_http::{ApiError, Caller, Json, Parameters};
use kassa_store::{FeedFilter, FeedPage};
use kassa_wire::kassa::Feed;

use super::event::feed_event;

/// Events of one answer where the caller names no limit.
const DEFAULT_LIMIT: i64 = 100;

/// Events of one answer at most.
const MAX_LIMIT: i64 = 1000;

/// The value of `after` that means the present end of the feed.
const END: &str = "end";

/// The query of one call of the feed.
struct FeedQuery {
    wanted: FeedFilter,
    after: i64,
    limit: usize,
    wait_s: i64,
}

/// Returns the next events. If there are none, and the feed has been read to its end, waits for one. The cursor moves
/// past events that are not wanted.
pub(super) async fn feed(
    State(reads): State<Reads>,
    State(news): State<News>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Feed>, ApiError> {
    let merchant = &caller.merchant.id;
    let mut asked = read(&parameters)?;
    if parameters.text("after") == Some(END) {
        asked.after = reads.feed(merchant, 0, asked.wanted, 1).await?.ends_at;
    }
    let until = news.now().plus_ms(asked.wait_s * SECOND_MS);
    let waiter = (asked.wait_s > 0).then(|| news.for_merchant(merchant));
    loop {
        let change = waiter.as_ref().map(NewsSubscription::news);
        let again_at = news.now().plus_ms(READ_AGAIN_MS);
        let page = reads.feed(merchant, asked.after, asked.wanted, asked.limit).await?;
        if asked.after > page.ends_at {
            // The cursor is from another database. A caller that trusted it would miss events.
            return Err(ApiError::bad_values(["after"]));
        }
        asked.after = page.read_to;
        let woken = match change {
            Some(change) if page.events.is_empty() && !page.goes_on => {
                news.wait(change, again_at, until).await
            }
            Some(_) | None => WaitOutcome::TimeIsOver,
        };
        if woken == WaitOutcome::TimeIsOver {
            return Ok(Json(StatusCode::OK, answer(page)?));
        }
    }
}

fn answer(page: FeedPage) -> Result<Feed, ApiError> {
    let events = page.events.into_iter().map(feed_event).collect::<Result<_, _>>()?;
    Ok(Feed { events, cursor: cursor(page.read_to) })
}

fn read(parameters: &Parameters) -> Result<FeedQuery, ApiError> {
    let wanted = parameters.parsed("acknowledged", |text| match text {
        "true" => Some(FeedFilter::Acknowledged),
        "false" => Some(FeedFilter::Unacknowledged),
        _ => None,
    })?;
    let limit = parameters.number("limit", 1..=MAX_LIMIT)?.unwrap_or(DEFAULT_LIMIT);
    Ok(FeedQuery {
        wanted: wanted.unwrap_or(FeedFilter::All),
        after: parameters.parsed("after", position)?.unwrap_or(0),
        limit: usize::try_from(limit).unwrap_or(1),
        wait_s: parameters.number("wait", 0..=LONGEST_WAIT_S)?.unwrap_or(0),
    })
}

/// The text of a cursor: a place in the feed, in a form that invites nobody to count with it.
fn cursor(position: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("e{position}"))
}

fn position(cursor: &str) -> Option<i64> {
    if cursor == END {
        return Some(0);
    }
    let decoded = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let position = std::str::from_utf8(&decoded).ok()?.strip_prefix('e')?.parse().ok()?;
    (position >= 0).then_some(position)
}
