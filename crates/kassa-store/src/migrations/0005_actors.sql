-- Who caused an event or a note: the kind (`consumer`, `merchant`, `operator`, `lab`, `system`, `command_line`), and the
-- username of the merchant's credential or the operator's name. Both are null in rows of nodes that do not store it yet.
alter table status_event add column actor_kind text;
alter table status_event add column actor_name text;
alter table note add column actor_kind text;
alter table note add column actor_name text;
