//! Journeys through the real router, over real sockets, with a clock that the test moves.
#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test that cannot go on fails, and nobody links it"
)]

mod harness;

mod accounts_survive_races;
mod apis_are_described;
mod audit;
mod bad_bodies_name_the_field;
mod bad_receivers_of_callbacks;
mod callbacks_reach_the_merchant;
mod called_through_proxies;
mod callers_are_bounded;
mod calls_are_limited;
mod calls_are_repeated_with_curl;
mod clock_is_set;
mod consumer_chooses_a_language;
mod consumer_leaves_to_the_shop;
mod consumer_pays_on_the_page;
mod database_cancels_statements;
mod demo_shop_sells;
mod errors_have_the_error_body;
mod every_event_in_every_status;
mod every_payment_system;
mod external;
mod frequent_calls_keep_the_rules;
mod guesses_are_limited;
mod handlers_that_panic;
mod history_names_the_actors;
mod images_reach_the_consumer;
mod klarna;
mod klarna_simulation;
mod lab;
mod looking_changes_nothing;
mod merchant_creates_a_session;
mod merchant_creates_once;
mod merchant_disables_a_session;
mod merchant_follows_the_feed;
mod merchant_lists_sessions;
mod merchant_reads_a_session;
mod merchant_redelivers_callbacks;
mod merchant_settles_callbacks;
mod merchant_waits_for_news;
mod messages_are_sent;
mod nodes_with_different_clocks;
mod open_page_follows_its_session;
mod operational_paths;
mod operator_console;
mod operator_makes_merchants;
mod operator_reads_http_metrics;
mod operator_reads_metrics;
mod operator_sets_payment_accounts;
mod operator_suspends_merchants;
mod order_outcome_is_unknown;
mod other_sites_drive_nothing;
mod outgoing;
mod pages_speak_the_consumers_language;
mod payments;
mod profiles_fill_in_sessions;
mod secrets_stay_out_of_the_log;
mod served_behind_tls;
mod session_has_one_timeline;
mod session_leaves_after_its_time;
mod shop_with_staff;
mod simulation;
mod typed_values_are_kept;
