//! Tests of the real command from outside, and of the source tree itself.
#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test that cannot go on fails, and nobody links it"
)]

mod harness;
mod help;
mod prerequisites;
mod shopping;
mod workspace;

mod apis_are_fuzzed;
mod artifacts;
mod audit_trail;
mod backup_while_running;
mod browser;
mod client_against_kassa;
mod cluster;
mod commands_answer;
mod commands_call_a_running_kassa;
mod commands_play_a_purchase;
mod connections_are_bounded;
mod consumers_are_erased;
mod data_belongs_to_its_owner;
mod database_cannot_be_written;
mod database_is_named;
mod deployment_files;
mod dev_is_reached_from_elsewhere;
mod dev_keeps_its_data;
mod dev_starts_and_stops;
mod documented_settings;
mod documented_suites;
mod external;
mod generated_pages;
mod house;
mod killed_under_load;
mod klarna;
mod lab_of_the_command;
mod lab_plays_scenarios;
mod lab_replays_recordings;
mod languages;
mod log_names_the_actors;
mod mail;
mod monitoring;
mod names;
mod nodes_serve;
mod operational_paths;
mod orders_survive_kills;
mod output_that_nobody_reads;
mod payment_accounts;
mod profiles;
mod prose;
mod readme;
mod references;
mod requests_are_logged;
mod secrets_are_not_shown;
mod secrets_stay_out_of_timelines;
mod shop_of_the_example;
mod signals_stop_every_command;
mod stop_leaves_whole_files;
mod structure;
mod test_kits;
mod tidy;
mod tokens_stay_out_of_the_log;
mod traces;
mod tracking;
mod values_end_in_white_space;
mod words;
mod workers_share_one_database;
