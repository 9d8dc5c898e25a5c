-- Scheduled reads of the short reference of an order (`klarna_reference`), which the payment system did not tell with the
-- order. There is a row until the reference is known, at most one for each page session.
create table order_reference_read (
  page_session_id text not null primary key,
  merchant_id text not null,
  reads bigint not null,
  completed_at bigint not null,
  due_at bigint not null,
  leased_until bigint not null,
  fence bigint not null
);
create index order_reference_read_due on order_reference_read (due_at);
