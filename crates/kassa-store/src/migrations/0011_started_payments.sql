-- The payment that a consumer started at the external payment system, as JSON. A payment session has one at a time.
alter table payment_session add column started text;
