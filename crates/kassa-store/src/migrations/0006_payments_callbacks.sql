-- Callbacks to a payment session's own URLs. `kind` names the URL; it is null for the callback of an event. `event_id` and
-- `body` are what every attempt sends: for the callback of an event they are in the event's row.
alter table callback add column kind text;
alter table callback add column event_id text;
alter table callback add column body text;
