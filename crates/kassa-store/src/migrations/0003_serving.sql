-- What has outlived its use leaves. Most of it is found by its id, since ids are time-ordered; answers that were kept
-- for an idempotency key are found by their age.
create index idempotent_answer_by_age on idempotent_answer (created_at);

-- The oldest schema whose programs may still start on this database. A migration that contracts the schema raises it.
insert into setting (name, value) values ('oldest_schema', '1');

-- Who may make merchants and credentials over the API.
create table operator (
  username text not null primary key,
  secret_hash text not null,
  created_at bigint not null,
  revoked_at bigint
);
