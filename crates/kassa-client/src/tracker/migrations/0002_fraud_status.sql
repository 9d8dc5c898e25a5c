-- The service's decision about an order, and what the tracker needs so that its own clock does not decide about a token.

-- ACCEPTED, PENDING or REJECTED, as the service wrote it.
alter table orders add column fraud_status text;

-- When the tracker learned that the order can be placed, by its own clock. Null in orders of earlier versions.
alter table orders add column intended_at integer;

-- 1 if the session is COMPLETED with neither a token nor an order.
alter table sessions add column lacks_order integer not null default 0;

-- Trackers of the first version run on this schema too.
insert into notes (name, value) values ('oldest_schema', '1') on conflict (name) do nothing;
