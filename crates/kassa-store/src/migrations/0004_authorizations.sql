-- The payment system's record of the consumer, as JSON.
alter table payment_authorization add column consumer text;

-- The reason why the first order with this authorization was refused. Every later call gets the same answer.
alter table payment_authorization add column refusal text;
