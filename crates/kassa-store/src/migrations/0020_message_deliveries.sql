-- The delivery of a message to a consumer by e-mail or text message. A message of the sandbox has none.
create table message_delivery (
  message_id text not null primary key,
  page_session_id text not null,
  channel text not null,
  locale text not null,
  state text not null,
  attempts bigint not null,
  accepted_at bigint not null,
  due_at bigint not null,
  leased_until bigint not null,
  fence bigint not null
);
create index message_delivery_due on message_delivery (channel, due_at) where state = 'DUE';

-- The attempts that have ended. `detail` has the codes of an answer and no text of another server.
create table message_attempt (
  message_id text not null,
  number bigint not null,
  page_session_id text not null,
  began_at bigint not null,
  duration_ms bigint not null,
  outcome text not null,
  detail text not null,
  primary key (message_id, number)
);
create index message_attempt_of_page_session on message_attempt (page_session_id);
