-- What the seal of this database encrypts: `contents` if data of consumers and callback secrets are sealed. Nodes before
-- this schema cannot read those. So a database that has merchants begins with `tokens`, and a command changes it.
insert into setting (name, value)
  select 'sealed_data', case when exists (select 1 from merchant) then 'tokens' else 'contents' end;

-- The work of an erasure that has begun: a payment session of a consumer whose data are to be erased. The row is deleted
-- with the last step, so that a repeated erasure finishes what a crash interrupted. `consumer_hash` is a keyed hash.
create table consumer_erasure (
  payment_session_id text not null primary key,
  consumer_hash text not null,
  begun_at bigint not null
);
