-- The console. An operator has a role: `ADMIN`, `SUPPORT` or `READ_ONLY`; null means ADMIN, because operators of earlier
-- versions could do everything. `password_hash` is the argon2id hash of the password that the operator chose, if any.
alter table operator add column role text;
alter table operator add column password_hash text;

-- Operators who are signed in. `token_hash` is a keyed hash of the secret in the browser's cookie. `used_at` is written
-- at most once a minute.
create table console_session (
  token_hash text not null primary key,
  operator text not null,
  created_at bigint not null,
  used_at bigint not null,
  expires_at bigint not null
);
create index console_session_of_operator on console_session (operator);

-- The search terms of a payment session, from its content. All are null in rows of earlier versions. `email_hash` is a
-- keyed hash of the consumer's address in lower case.
alter table payment_session add column merchant_reference1 text;
alter table payment_session add column merchant_reference2 text;
alter table payment_session add column order_amount bigint;
alter table payment_session add column purchase_currency text;
alter table payment_session add column email_hash text;
create index payment_session_by_reference1 on payment_session (merchant_reference1, payment_session_id)
  where merchant_reference1 is not null;
create index payment_session_by_reference2 on payment_session (merchant_reference2, payment_session_id)
  where merchant_reference2 is not null;
create index payment_session_by_amount on payment_session (order_amount, payment_session_id)
  where order_amount is not null;
create index payment_session_by_email on payment_session (email_hash, payment_session_id)
  where email_hash is not null;

-- Orders by their names.
create index page_session_by_order on page_session (order_id) where order_id is not null;
create index page_session_by_klarna_reference on page_session (klarna_reference) where klarna_reference is not null;
create index placed_order_by_klarna_reference on placed_order (klarna_reference);
