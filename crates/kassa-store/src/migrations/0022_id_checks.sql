-- The check of the consumer's identity document, while the page session is MANUAL_ID_CHECK.
alter table page_session add column id_check text;

-- An event that is due at an instant, by the merchant's clock, unless the page session has another version then.
create table session_timer (
  page_session_id text not null primary key,
  merchant_id text not null,
  version bigint not null,
  event text not null,
  due_at bigint not null
);
create index session_timer_due on session_timer (due_at);
