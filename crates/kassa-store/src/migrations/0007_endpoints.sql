-- The endpoint of a callback in columns of its own: the origin (scheme, host and port), and the merchant by whose own clock
-- the callback is due (null for the clock that all nodes share). A row has both if `endpoint` equals the origin, followed by
-- a blank and the merchant if there is one. Otherwise a node of an earlier version wrote the row, and `endpoint` alone counts.
alter table callback add column origin text;
alter table callback add column clock_merchant_id text;
