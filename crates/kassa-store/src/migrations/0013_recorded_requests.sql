-- Finished requests about a page session or its payment session, for the timeline. `owner_id` is the id of either.
-- `request_key` is the correlation id, or for reads what equal reads have in common: equal reads are one row, which counts
-- them. The other columns are those of the first of them, except `last_at`. `version` is that of the page session.
create table recorded_request (
  owner_id text not null,
  request_key text not null,
  merchant_id text not null,
  began_at bigint not null,
  last_at bigint not null,
  times bigint not null,
  version bigint,
  duration_ms bigint not null,
  method text not null,
  route text not null,
  answer_status integer not null,
  correlation_id text not null,
  actor_kind text,
  actor_name text,
  error_code text,
  error_message text,
  primary key (owner_id, request_key)
);

-- The messages about a page session, for the timeline.
create index message_of_page_session on message (page_session_id);
