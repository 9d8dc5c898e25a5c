//! A PostgreSQL that SQL statements fill with sessions, so that ten million take minutes. Each session has one event
//! with a delivered callback. The node regards these events as part of the audit trail already.

use std::io::Write;
use std::time::Duration;

use crate::account::add_account;
use crate::postgres::Postgres;
use crate::sample::{CART, NEVER_MS, START_MS, new_session};

/// The number of sessions in one statement, which is also one step of the progress bar.
const AT_A_TIME: usize = 100_000;

/// The width of the progress bar, in characters.
const BAR: usize = 40;

pub struct Loaded {
    postgres: Postgres,
    pub url: String,
}

impl Loaded {
    pub async fn start() -> Self {
        let postgres = Postgres::start();
        let url = postgres.schema("kassa");
        add_account(&url).await;
        let loaded = Self { postgres, url };
        loaded.grow(0, 1);
        loaded
    }

    pub fn cpu(&self) -> Duration {
        self.postgres.cpu()
    }

    /// Adds sessions with their history, and updates the planner's statistics.
    pub fn grow(&self, first: usize, count: usize) {
        let end = first + count;
        for begin in (first..end).step_by(AT_A_TIME) {
            show(begin - first, count);
            let last = (begin + AT_A_TIME).min(end) - 1;
            self.postgres.run_sql(&self.url, &statements(begin, last));
        }
        show(count, count);
        eprintln!();
        self.postgres.run_sql(&self.url, "vacuum analyze; checkpoint");
    }
}

fn show(done: usize, of: usize) {
    let filled = done * BAR / of;
    let bar = format!("{}{}", "#".repeat(filled), ".".repeat(BAR - filled));
    // A closed terminal does not stop the measurement.
    let _ = write!(std::io::stderr(), "\r[{bar}] {done} of {of} sessions");
}

/// The statements that insert the sessions with these numbers, in the shape of [`new_session`].
fn statements(first: usize, last: usize) -> String {
    let session = new_session(0);
    let text = |json: String| json.replace('\'', "''");
    let urls = text(serde_json::to_string(&session.merchant_urls).unwrap());
    let options = text(serde_json::to_string(&session.options).unwrap());
    let merchant = session.merchant_id;
    let body = "x".repeat(300);
    let id = |kind: &str| {
        format!(
            "lpad(to_hex(({START_MS} + n) >> 16), 8, '0') || '-' || lpad(to_hex(({START_MS} + n) & 65535), 4, '0')
             || '-7000-8{kind}-' || lpad(to_hex(n), 12, '0')"
        )
    };
    let (session, event, payment) = (id("001"), id("004"), session.payment_session_id);
    let numbers = format!("from generate_series({first}::bigint, {last}::bigint) n");
    format!(
        "set synchronous_commit = off;
         insert into payment_session (payment_session_id, merchant_id, version, created_at, expires_at, body)
         values ('{payment}', '{merchant}', 0, {START_MS}, {NEVER_MS}, '{CART}') on conflict do nothing;
         insert into page_session (page_session_id, merchant_id, payment_session_id, status, version, created_at,
           updated_at, expires_at, merchant_urls, options)
         select {session}, '{merchant}', '{payment}', 'WAITING', 0, {START_MS} + n, {START_MS} + n, {NEVER_MS},
           '{urls}', '{options}' {numbers};
         insert into status_event (page_session_id, sequence, event_id, merchant_id, event, status, occurred_at, body,
           position)
         select {session}, 0, {event}, '{merchant}', 'ConsumerEntered', 'IN_PROGRESS', {START_MS} + n, '{body}', n
         {numbers};
         insert into callback (page_session_id, sequence, merchant_id, endpoint, url, state, attempts, committed_at,
           due_at, leased_until, fence)
         select {session}, 0, '{merchant}', 'https://shop.example:443', 'https://shop.example/callbacks', 'DELIVERED',
           1, {START_MS} + n, {START_MS} + n, 0, 1 {numbers};
         insert into feed (merchant_id, last_position, chained_position) values ('{merchant}', {last}, {last})
         on conflict (merchant_id) do update
           set last_position = excluded.last_position, chained_position = excluded.chained_position;"
    )
}
