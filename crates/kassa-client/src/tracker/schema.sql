-- The tracker's tables. Times are milliseconds since 1970. On PostgreSQL, `integer` is replaced by `bigint`, and the options
-- after the closing parenthesis of a table are removed.

create table if not exists sessions (
    session_id text primary key,
    reference text,
    registered_at integer not null,
    expires_at integer,
    -- The last observed change, with the time and source of its first observation.
    status text,
    updated_at integer,
    changed_at integer not null,
    source text,
    callback_heard integer not null default 0,
    -- The last reported change: older changes are overtaken. `told` means reported.
    told_status text,
    told_updated_at integer,
    sequence integer not null default 0,
    -- Reads.
    etag text,
    next_read_at integer,
    last_read_at integer,
    failures integer not null default 0,
    last_failure text,
    -- Why ('final' or 'expired') and when the session was closed.
    closed text,
    closed_at integer
) strict, without rowid;

create index if not exists sessions_to_read on sessions (next_read_at) where next_read_at is not null;
create index if not exists sessions_closed on sessions (closed_at) where closed_at is not null;

create table if not exists changes (
    -- Grows by one with each change, because there is one writer at a time.
    position integer primary key,
    change_id text not null unique,
    session_id text not null,
    updated_at integer not null,
    is_final integer not null,
    snapshot text not null,
    source text not null,
    heard_at integer not null,
    -- Set at the first report, so that changes that arrive out of order within the settling time are sorted.
    sequence integer,
    due_at integer not null,
    attempts integer not null default 0,
    -- Grows by one with each claim, so that only the last claimant can acknowledge.
    claim integer not null default 0,
    -- Also set for an overtaken change, which is only stored for the verdict.
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

-- Orders to place. The row is stored before the first call.
create table if not exists orders (
    session_id text primary key,
    body text not null,
    -- 'awaited' until the session is COMPLETED with a token, then 'intended', and finally 'placed', 'refused' or 'too_late'.
    state text not null default 'awaited',
    token text,
    token_ends_at integer,
    due_at integer,
    attempts integer not null default 0,
    order_id text,
    why text
) strict, without rowid;

create index if not exists orders_due on orders (due_at) where due_at is not null;

-- 'feed_cursor': the cursor after the last stored page of the feed.
create table if not exists notes (
    name text primary key,
    value text not null
) strict, without rowid;
