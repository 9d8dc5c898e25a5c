//! The page on which the consumer pays.

mod consumer_page;

pub use consumer_page::{Pages, SamplePage, frequent_calls, routes};
