-- Payment operations: recorded requests to a payment system that move money. `request` is what every attempt sends.
-- `authorization_row` is the authorization as JSON: its own row is stored when the outcome is known.
create table payment_operation (
  page_session_id text not null,
  operation_id text not null,
  kind text not null,
  merchant_id text not null,
  payment_session_id text not null,
  authorization_row text not null,
  request text not null,
  state text not null,
  attempts bigint not null,
  recorded_at bigint not null,
  gives_up_at bigint not null,
  due_at bigint not null,
  leased_until bigint not null,
  fence bigint not null,
  last_outcome text,
  primary key (page_session_id, operation_id)
);
create index payment_operation_due on payment_operation (due_at) where state = 'DUE';
create index payment_operation_stuck on payment_operation (recorded_at) where state = 'STUCK';

-- The operation that places the order of this page session, until its outcome is known.
alter table page_session add column open_operation_id text;
