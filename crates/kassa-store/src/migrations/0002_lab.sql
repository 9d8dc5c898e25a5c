-- What the lab keeps. It is there in the sandbox alone.

-- A merchant's own time: so many milliseconds ahead of the system's, or, where `frozen_at` is set, that instant.
create table merchant_clock (
  merchant_id text not null primary key,
  ahead_ms bigint not null,
  frozen_at bigint
);

-- The merchants that were made for a test, and by whom. They alone can be thrown away.
create table test_merchant (
  merchant_id text not null primary key,
  made_by text not null,
  created_at bigint not null
);
