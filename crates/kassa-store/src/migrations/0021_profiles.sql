-- The profiles of merchants. `content` has the values that sessions without them get at their creation. At most one
-- profile of a merchant applies to sessions that name none.
create table profile (
  merchant_id text not null,
  profile_id text not null,
  name text not null,
  is_default integer not null,
  content text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (merchant_id, profile_id)
);
create unique index profile_default on profile (merchant_id) where is_default = 1;
