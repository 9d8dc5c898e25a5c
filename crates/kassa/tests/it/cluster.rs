//! Many nodes over PostgreSQL, and what they live through: each test breaks something under load, and holds everything
//! that was acknowledged against what is there afterwards.
//!
//! A test has a PostgreSQL, a load balancer and a loopback address of its own, and all of it ends with the test.

mod balancer;
mod load;
mod postgres;
mod site;
mod wire;

mod connections_run_out;
mod database_hangs;
mod database_stops;
mod disk_is_full;
mod node_starts_before_its_database;
mod operational_paths_stay_inside;
mod primary_is_lost;
mod three_nodes_behind_a_balancer;
