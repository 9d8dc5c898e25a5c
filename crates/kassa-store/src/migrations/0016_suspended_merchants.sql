-- When an operator suspended the merchant: it takes no new payments. Null if it is active. Nodes of earlier versions
-- do not read it.
alter table merchant add column suspended_at bigint;
