-- Operators who sign in with OpenID Connect. The issuer and the subject are the identity of such an operator at the
-- provider; both are null for operators who have a password. No password matches the `secret_hash` of such an operator.
alter table operator add column openid_issuer text;
alter table operator add column openid_subject text;
create unique index operator_by_identity on operator (openid_issuer, openid_subject)
  where openid_subject is not null;
