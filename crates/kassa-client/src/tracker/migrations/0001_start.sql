-- What the tracker remembers. Times are milliseconds since 1970. PostgreSQL reads `integer` as `bigint`, and nothing behind
-- the parenthesis that closes a table.

create table if not exists sessions (
    session_id text primary key,
    reference text,
    registered_at integer not null,
    expires_at integer,
    -- The last change that was heard of, and when and how it was heard first.
    status text,
    updated_at integer,
    changed_at integer not null,
    source text,
    callback_heard integer not null default 0,
    -- The last change that was handed to the stream: what is older comes too late.
    told_status text,
    told_updated_at integer,
    sequence integer not null default 0,
    -- The reads.
    etag text,
    next_read_at integer,
    last_read_at integer,
    failures integer not null default 0,
    last_failure text,
    -- How and when following ended: 'final' or 'expired'.
    closed text,
    closed_at integer
) strict, without rowid;

create index if not exists sessions_to_read on sessions (next_read_at) where next_read_at is not null;
create index if not exists sessions_closed on sessions (closed_at) where closed_at is not null;

create table if not exists changes (
    -- Grows with each change. There is one writer at a time, so it is one more than the last.
    position integer primary key,
    change_id text not null unique,
    session_id text not null,
    updated_at integer not null,
    is_final integer not null,
    snapshot text not null,
    source text not null,
    heard_at integer not null,
    -- Given when it is handed to the stream, so that what comes out of order within the settling time is sorted in.
    sequence integer,
    due_at integer not null,
    attempts integer not null default 0,
    -- Grows with each claim, so that only the last claimant can acknowledge.
    claim integer not null default 0,
    -- Also set where the change came too late to be told in order, and is kept for the record alone.
    acknowledged_at integer,
    is_overtaken integer not null default 0
) strict;

create index if not exists changes_due on changes (due_at) where acknowledged_at is null;
create index if not exists changes_of_session on changes (session_id, is_final, updated_at, position);

create table if not exists events (
    session_id text not null,
    event_id text not null,
    primary key (session_id, event_id)
) strict, without rowid;

create index if not exists changes_overtaken on changes (session_id) where is_overtaken = 1;

-- Orders to be placed: the intention stands here before the first call.
create table if not exists orders (
    session_id text primary key,
    body text not null,
    -- 'awaited' until the session is COMPLETED with a token, then 'intended', and at last 'placed', 'refused' or 'too_late'.
    state text not null default 'awaited',
    token text,
    token_ends_at integer,
    due_at integer,
    attempts integer not null default 0,
    order_id text,
    why text
) strict, without rowid;

create index if not exists orders_due on orders (due_at) where due_at is not null;

-- 'feed_cursor': how far the feed was taken.
create table if not exists notes (
    name text primary key,
    value text not null
) strict, without rowid;
