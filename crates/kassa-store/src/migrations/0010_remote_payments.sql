-- The payment system that has a payment session, and the base URL of the merchant's account there. Both are null for the
-- sandbox. For a remote payment system the row is a copy of the latest read; `read_at` is its instant. `completed_at` is set
-- if an order completed the payment session whose id the payment system does not tell.
alter table payment_session add column system text;
alter table payment_session add column system_base_url text;
alter table payment_session add column read_at bigint;
alter table payment_session add column completed_at bigint;
create index payment_session_remote on payment_session (payment_session_id) where system is not null;

-- Confirmations: scheduled reads of a payment at its payment system, because a browser may never tell what the consumer did.
-- There is at most one for each page session. `pressed_at` is when the consumer last pressed Pay.
create table payment_confirmation (
  page_session_id text not null primary key,
  merchant_id text not null,
  state text not null,
  reads bigint not null,
  started_at bigint not null,
  pressed_at bigint,
  ends_at bigint not null,
  due_at bigint not null,
  leased_until bigint not null,
  fence bigint not null,
  last_outcome text
);
create index payment_confirmation_due on payment_confirmation (due_at) where state = 'DUE';
