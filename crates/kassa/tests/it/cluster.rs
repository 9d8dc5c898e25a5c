//! Several nodes on one PostgreSQL. Each test breaks something under load, and then compares every acknowledged change
//! with the stored data.
//!
//! Each test has its own PostgreSQL, load balancer and loopback address. They stop when the test ends.

mod balancer;
mod load;
mod nodes;
mod postgres;
mod wire;

mod connections_run_out;
mod database_hangs;
mod database_stops;
mod disk_is_full;
mod node_starts_before_its_database;
mod nodes_take_over_an_order;
mod operational_paths_stay_inside;
mod primary_is_lost;
mod three_nodes_behind_a_balancer;
