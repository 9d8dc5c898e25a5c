-- The audit trail: hash-chained records of every status change and every administrative act (docs/audit.md).

-- Administrative acts that are not in the chain yet. An act is inserted in the transaction of the change. The task that
-- chains it moves it into `audit_entry`, in the order of `sequence`, which is the order of the commits.
create table administrative_act (
  act_id text not null primary key,
  sequence bigint not null,
  recorded_at bigint not null,
  content text not null
);

-- The last sequence of an act. A transaction with an act locks the row until its commit.
create table act_counter (
  name text not null primary key,
  last_sequence bigint not null
);
insert into act_counter (name, last_sequence) values ('act', 0);

-- The entries of the chains. `hash` covers the hash of the entry before, and the other columns.
create table audit_entry (
  chain text not null,
  position bigint not null,
  recorded_at bigint not null,
  content text not null,
  hash text not null,
  primary key (chain, position)
);

-- The head of each chain: its last entry. `removed_position` and `removed_hash` are the last entry that was removed
-- after its retention, from which the rest is verified.
create table audit_chain (
  chain text not null primary key,
  last_position bigint not null,
  last_hash text not null,
  removed_position bigint not null,
  removed_hash text not null
);

-- The node whose turn it is to chain entries. The turn only saves work: the chains are safe without it.
create table audit_turn (
  name text not null primary key,
  holder text not null,
  leased_until bigint not null
);

-- The position in the feed up to which the merchant's events are in its chain.
alter table feed add column chained_position bigint not null default 0;
create index feed_to_be_chained on feed (merchant_id) where last_position > chained_position;

-- The accounts that existed before the trail began.
insert into administrative_act (act_id, sequence, recorded_at, content)
  select 'existed merchant ' || merchant_id, 0, created_at,
    '{"kind":"act","act":"merchant_existed","object":"' || replace(replace(merchant_id, '\', '\\'), '"', '\"')
      || '","actor":{"kind":"system"},"origin":{"kind":"process"}}'
  from merchant;
insert into administrative_act (act_id, sequence, recorded_at, content)
  select 'existed credential ' || username, 0, created_at,
    '{"kind":"act","act":"' || case when revoked_at is null then 'credential_existed' else 'credential_was_revoked' end
      || '","object":"' || replace(replace(username, '\', '\\'), '"', '\"')
      || '","actor":{"kind":"system"},"origin":{"kind":"process"}}'
  from credential;
insert into administrative_act (act_id, sequence, recorded_at, content)
  select 'existed operator ' || username, 0, created_at,
    '{"kind":"act","act":"' || case when revoked_at is null then 'operator_existed' else 'operator_was_revoked' end
      || '","object":"' || replace(replace(username, '\', '\\'), '"', '\"')
      || '","actor":{"kind":"system"},"origin":{"kind":"process"}}'
  from operator;
insert into administrative_act (act_id, sequence, recorded_at, content)
  select 'existed account ' || merchant_id || ' ' || base_url, 0, created_at,
    '{"kind":"act","act":"payment_account_existed","object":"'
      || replace(replace(merchant_id || ' ' || base_url, '\', '\\'), '"', '\"')
      || '","actor":{"kind":"system"},"origin":{"kind":"process"}}'
  from payment_account;
