-- The tables of Kassa. One text for SQLite and PostgreSQL: text, bigint and integer alone; instants are
-- milliseconds since 1970, amounts minor units, JSON is text that only the program reads.
-- Ids are time-ordered, and rows are appended, so that growth stays local.

create table setting (
  name text not null primary key,
  value text not null
);

create table merchant (
  merchant_id text not null primary key,
  name text not null,
  settings text not null,
  created_at bigint not null
);

create table credential (
  username text not null primary key,
  merchant_id text not null,
  secret_hash text not null,
  created_at bigint not null,
  revoked_at bigint
);

create table page_session (
  page_session_id text not null primary key,
  merchant_id text not null,
  payment_session_id text not null,
  status text not null,
  version bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  expires_at bigint not null,
  merchant_urls text not null,
  options text not null,
  authorization_token text,
  order_id text,
  klarna_reference text
);
create index page_session_of_payment_session on page_session (payment_session_id);
create index page_session_of_merchant on page_session (merchant_id, page_session_id);

-- One row a status change; `sequence` is the version of the page session that the change led to. `position` is the
-- event's place in its merchant's feed: given when the feed is read, in the order in which changes became visible.
create table status_event (
  page_session_id text not null,
  sequence bigint not null,
  event_id text not null,
  merchant_id text not null,
  event text not null,
  status text not null,
  occurred_at bigint not null,
  body text not null,
  position bigint,
  primary key (page_session_id, sequence)
);
create index status_event_by_id on status_event (event_id);
create index status_event_without_position on status_event (merchant_id, occurred_at) where position is null;
create index status_event_by_position on status_event (merchant_id, position) where position is not null;

-- The last place that was given in a merchant's feed. It outlives the events, so that no place is given twice; its row
-- is what those who give places wait for each other on.
create table feed (
  merchant_id text not null primary key,
  last_position bigint not null
);

-- One row for each event that calls back. BLOCKED waits for the first attempt of its predecessor; DUE may be claimed
-- from `due_at` on, which is in its merchant's time; DELIVERED and GIVEN_UP are settled. A claim is a lease until
-- `leased_until`, in the system's time, and raises `fence`, so that only the latest claimant can settle the row.
-- `endpoint` names what is claimed and limited together, and due by one clock: scheme, host and port, and behind them
-- the merchant where it keeps its own time.
create table callback (
  page_session_id text not null,
  sequence bigint not null,
  merchant_id text not null,
  endpoint text not null,
  url text not null,
  state text not null,
  attempts integer not null,
  committed_at bigint not null,
  due_at bigint not null,
  leased_until bigint not null,
  fence bigint not null,
  primary key (page_session_id, sequence)
);
create index callback_due on callback (endpoint, due_at) where state = 'DUE';
create index callback_blocked on callback (page_session_id, sequence) where state = 'BLOCKED';
create index callback_given_up on callback (merchant_id, committed_at) where state = 'GIVEN_UP';

create table callback_attempt (
  page_session_id text not null,
  sequence bigint not null,
  started_at bigint not null,
  ended_at bigint not null,
  answer_status integer,
  answer_headers text,
  answer_body text,
  failure_kind text,
  failure text
);
create index callback_attempt_of_event on callback_attempt (page_session_id, sequence);

-- What the timeline says beside the status changes.
create table note (
  page_session_id text not null,
  noted_at bigint not null,
  kind text not null,
  detail text not null
);
create index note_of_page_session on note (page_session_id);

create table payment_session (
  payment_session_id text not null primary key,
  merchant_id text not null,
  version bigint not null,
  created_at bigint not null,
  expires_at bigint not null,
  body text not null,
  authorization_token text,
  order_id text,
  klarna_reference text
);

create table payment_authorization (
  authorization_token text not null primary key,
  merchant_id text not null,
  payment_session_id text not null,
  page_session_id text not null,
  state text not null,
  created_at bigint not null,
  expires_at bigint not null,
  category text not null,
  body text not null,
  order_id text,
  order_request_hash text
);

create table placed_order (
  order_id text not null primary key,
  klarna_reference text not null,
  merchant_id text not null,
  payment_session_id text not null,
  authorization_token text not null unique,
  version bigint not null,
  created_at bigint not null,
  body text not null
);

-- A payment session was completed: its open page sessions are to follow. The row goes when they have.
create table completion (
  payment_session_id text not null primary key,
  completed_at bigint not null
);

create table customer_token (
  token_id text not null primary key,
  merchant_id text not null,
  version bigint not null,
  created_at bigint not null,
  body text not null
);

create table idempotent_answer (
  merchant_id text not null,
  idempotency_key text not null,
  request_hash text not null,
  answer text not null,
  created_at bigint not null,
  primary key (merchant_id, idempotency_key)
);

create table message (
  message_id text not null primary key,
  merchant_id text not null,
  page_session_id text not null,
  channel text not null,
  recipient text not null,
  subject text not null,
  body text not null,
  link text not null,
  created_at bigint not null
);
create index message_of_merchant on message (merchant_id);
