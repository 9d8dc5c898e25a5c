//! The list of page sessions, and the search for them. Its address says what is shown, so it can be shared.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kassa_domain::lifecycle::Status;
use kassa_domain::time::DAY_MS;
use kassa_domain::{MerchantId, PageSessionId, Timestamp};
use kassa_engine::first_uuid_of;
use kassa_http::{ApiError, Parameters};
use kassa_i18n::format_money;
use kassa_store::{FoundSession, SearchFilter, SearchPage, SortOrder};
use kassa_wire::time::{format_ms, parse_ms};
use url::form_urlencoded;

use crate::Console;
use crate::access::Access;
use crate::frame::{Content, Place, answer};
use crate::query;
use kassa_developer_page::status_class;

/// Page sessions on one page of the list.
const ON_A_PAGE: i64 = 50;

/// The language of the console's amounts.
const LOCALE: &str = "en-GB";

/// The page of the list that its address asks for.
pub(crate) struct Asked {
    text: String,
    merchant: String,
    status: Option<Status>,
    from: String,
    to: String,
    sort: SortOrder,
    after: Option<String>,
}

impl Asked {
    fn read(parameters: &Parameters) -> Result<Self, ApiError> {
        let text = |name| Ok::<_, ApiError>(parameters.one(name)?.unwrap_or_default().to_string());
        Ok(Self {
            text: text("q")?,
            merchant: text("merchant")?,
            status: parameters.parsed("status", |word| Status::parse(&word.to_ascii_uppercase()))?,
            from: text("from")?,
            to: text("to")?,
            sort: parameters.parsed("sort", sort_of)?.unwrap_or_default(),
            after: parameters.one("after")?.map(str::to_string),
        })
    }

    fn filter(&self) -> Result<SearchFilter, ApiError> {
        let bound = |name, text: &str| match text {
            "" => Ok(None),
            text => instant_of(text).map(Some).ok_or_else(|| ApiError::bad_values([name])),
        };
        let to = bound("to", &self.to)?;
        // A day includes its end.
        let to = to.map(|at| if self.to.contains('T') { at } else { at.plus_ms(DAY_MS) });
        Ok(SearchFilter {
            merchant: Some(&self.merchant).filter(|id| !id.is_empty()).map(MerchantId::new),
            status: self.status,
            from_id: bound("from", &self.from)?.map(first_uuid_of).unwrap_or_default(),
            to_id: to.map(first_uuid_of),
            sort: self.sort,
            after: self.after.as_deref().map(PageSessionId::new),
            limit: ON_A_PAGE,
        })
    }

    /// The address of the list with another order or another beginning.
    fn address(&self, sort: SortOrder, after: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let status = self.status.map_or("", Status::as_str);
        let fields = [
            ("q", self.text.as_str()),
            ("merchant", &self.merchant),
            ("status", status),
            ("from", &self.from),
            ("to", &self.to),
            ("sort", if sort == SortOrder::default() { "" } else { word_of(sort) }),
            ("after", after.unwrap_or_default()),
        ];
        query.extend_pairs(fields.into_iter().filter(|(_, value)| !value.is_empty()));
        let query = query.finish();
        if query.is_empty() { "/console/sessions".to_string() } else { format!("/console/sessions?{query}") }
    }
}

fn sort_of(word: &str) -> Option<SortOrder> {
    [SortOrder::Newest, SortOrder::Oldest, SortOrder::Largest, SortOrder::Smallest]
        .into_iter()
        .find(|sort| word_of(*sort) == word)
}

const fn word_of(sort: SortOrder) -> &'static str {
    match sort {
        SortOrder::Newest => "newest",
        SortOrder::Oldest => "oldest",
        SortOrder::Largest => "largest",
        SortOrder::Smallest => "smallest",
    }
}

/// The instant of a day in UTC (`2026-01-31`), or of an instant (RFC 3339).
fn instant_of(text: &str) -> Option<Timestamp> {
    let of_day = || {
        let midnight = text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok()?;
        Some(midnight.timestamp().as_millisecond())
    };
    parse_ms(text).or_else(of_day).map(Timestamp::from_ms)
}

/// One row of the list, formatted for the page.
pub(crate) struct Row {
    id: String,
    status: &'static str,
    is_expired: bool,
    created_at: String,
    created_iso: String,
    merchant: String,
    reference: String,
    amount: String,
    order: String,
}

#[derive(Template)]
#[template(path = "console/sessions.html")]
struct SessionsPage<'a> {
    asked: &'a Asked,
    rows: Vec<Row>,
    /// Merchants to choose from: id and name.
    merchants: Vec<(String, String)>,
    /// How the search found the rows; empty without a search.
    found_by: &'static str,
    /// The address of the rest of the list.
    more: Option<String>,
}

impl SessionsPage<'_> {
    fn statuses() -> &'static [Status] {
        Status::ALL
    }

    fn is_status(&self, status: &Status) -> bool {
        self.asked.status == Some(*status)
    }

    fn is_filtered(&self) -> bool {
        self.asked.address(SortOrder::default(), None) != "/console/sessions"
    }

    /// The link of a column's head: the order that a press chooses, and the present one for assistive technology.
    fn head(&self, first: SortOrder, second: SortOrder) -> Head {
        let sort = self.asked.sort;
        let next = if sort == first { second } else { first };
        let is_descending = |sort| matches!(sort, SortOrder::Newest | SortOrder::Largest);
        let direction = match sort == first || sort == second {
            false => "none",
            true if is_descending(sort) => "descending",
            true => "ascending",
        };
        Head { href: self.asked.address(next, None), direction }
    }

    fn by_creation(&self) -> Head {
        self.head(SortOrder::Newest, SortOrder::Oldest)
    }

    fn by_amount(&self) -> Head {
        self.head(SortOrder::Largest, SortOrder::Smallest)
    }
}

struct Head {
    href: String,
    direction: &'static str,
}

pub(crate) async fn show(
    State(console): State<Console>,
    access: Access,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let asked = Asked::read(&parameters)?;
    let (page, found_by) = find(&console, &asked).await?;
    let merchants: Vec<(String, String)> = console
        .accounts
        .merchants_by_id()
        .await?
        .into_iter()
        .map(|merchant| (merchant.merchant_id, merchant.name))
        .collect();
    let names: HashMap<&str, &str> =
        merchants.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    let rows = page.sessions.iter().map(|found| row(&console, found, &names)).collect();
    let more = page.goes_on_after.as_ref().map(|after| asked.address(asked.sort, Some(after.as_str())));
    let body = SessionsPage { asked: &asked, rows, merchants, found_by, more }.render()?;
    let content = Content { place: Place::Sessions, title: "Sessions".to_string(), live: None, body };
    answer(&console, &access, StatusCode::OK, None, &content)
}

/// The page of the list that the address asks for, and how its rows were found.
async fn find(console: &Console, asked: &Asked) -> Result<(SearchPage, &'static str), ApiError> {
    let filter = asked.filter()?;
    let terms = query::terms(&asked.text);
    if terms.is_empty() {
        return Ok((console.reads.list_sessions(&filter).await?, ""));
    }
    for term in &terms {
        let page = console.reads.search_sessions(term, &filter).await?;
        if !page.sessions.is_empty() {
            return Ok((page, query::in_words(term)));
        }
    }
    Ok((SearchPage::default(), ""))
}

fn row(console: &Console, found: &FoundSession, names: &HashMap<&str, &str>) -> Row {
    let now = console.clock.now(&found.merchant_id);
    let merchant = names.get(found.merchant_id.as_str()).copied().unwrap_or(found.merchant_id.as_str());
    let order = found.order.as_ref().map(|order| match order.klarna_reference.as_str() {
        "" => order.order_id.as_str().to_string(),
        reference => reference.to_string(),
    });
    Row {
        id: found.id.as_str().to_string(),
        status: found.status.as_str(),
        is_expired: !found.status.is_final() && now >= found.expires_at,
        created_at: readable(found.created_at),
        created_iso: format_ms(found.created_at.as_ms()),
        merchant: merchant.to_string(),
        reference: found.merchant_reference.clone().unwrap_or_default(),
        amount: amount_of(found.amount, found.currency.as_deref()),
        order: order.unwrap_or_default(),
    }
}

/// An instant for people, in UTC: `2026-01-31 12:30:00`.
pub(crate) fn readable(at: Timestamp) -> String {
    format_ms(at.as_ms()).chars().take(19).collect::<String>().replace('T', " ")
}

/// An amount for people; empty if it is unknown.
pub(crate) fn amount_of(minor_units: Option<i64>, currency: Option<&str>) -> String {
    let amount = minor_units.zip(currency);
    amount.map(|(minor_units, currency)| format_money(minor_units, currency, LOCALE)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_a_day_or_an_instant() {
        let day = instant_of("2026-01-31").unwrap();
        assert_eq!(instant_of("2026-01-31T00:00:00Z"), Some(day));
        assert_eq!(instant_of("2026-01-32"), None);
        assert_eq!(instant_of("yesterday"), None);
    }

    #[test]
    fn the_address_of_the_list_says_what_it_shows() {
        let parameters = Parameters::of(b"q=a%40b.se&status=failed&from=2026-01-31&sort=largest&x=1");
        let asked = Asked::read(&parameters).unwrap();
        let address = asked.address(asked.sort, Some("id"));
        assert_eq!(
            address,
            "/console/sessions?q=a%40b.se&status=FAILED&from=2026-01-31&sort=largest&after=id"
        );
        assert!(Asked::read(&Parameters::of(b"status=GREEN")).is_err());
        assert!(Asked::read(&Parameters::of(b"to=soon")).unwrap().filter().is_err());
    }
}
