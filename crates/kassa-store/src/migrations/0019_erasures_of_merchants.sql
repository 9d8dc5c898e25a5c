-- The list of erasures names the owning merchant of each payment session. So the erasure of one merchant does not touch
-- what an interrupted erasure of another merchant still has to do. Rows of earlier nodes have an empty merchant; only an
-- erasure for all merchants finishes those. Two consumers can have data in one payment session.
create table consumer_erasure_of_merchant (
  payment_session_id text not null,
  consumer_hash text not null,
  merchant_id text not null default '',
  begun_at bigint not null,
  primary key (payment_session_id, consumer_hash)
);
insert into consumer_erasure_of_merchant (payment_session_id, consumer_hash, merchant_id, begun_at)
  select e.payment_session_id, e.consumer_hash, coalesce(p.merchant_id, ''), e.begun_at
  from consumer_erasure e left join payment_session p on p.payment_session_id = e.payment_session_id;
drop table consumer_erasure;
alter table consumer_erasure_of_merchant rename to consumer_erasure;
