//! The store, on a database of its own, on each engine.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod life;
mod wire_tap;

mod actors_are_stored;
mod claims_are_disjoint;
mod classes_expire;
mod confirmations;
mod contents_are_sealed;
mod direct_authorizations;
mod endpoints_have_columns;
mod erasures_of_merchants;
mod expired_sessions_are_deleted;
mod feed_keeps_its_order;
mod file_belongs_to_its_owner;
mod file_is_whole_when_closed;
mod inventory_of_data;
mod lost_races;
mod message_deliveries;
mod notifications_reach_other_nodes;
mod older_nodes_go_on;
mod order_references;
mod overload;
mod payment_accounts;
mod payment_operations;
mod payments_callbacks;
mod profiles;
mod recent_sessions;
mod recorded_requests;
mod redelivery_in_bulk;
mod silent_connections;
mod statements_name_their_partition;
mod tokens_are_sealed;
