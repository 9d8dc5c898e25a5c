-- Merchants' accounts at payment systems, one for each base URL. `secret` is the password, encrypted with the key that
-- `key_name` names. The keys are not in the database.
create table payment_account (
  merchant_id text not null,
  base_url text not null,
  username text not null,
  secret text not null,
  key_name text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (merchant_id, base_url)
);
