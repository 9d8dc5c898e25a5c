//! Measures Kassa against the bare parts in the same run: `cargo bench --profile dist -p kassa --bench speed`.
//!
//! Names after `--` select measures. `--largest 10000000` measures growth up to that size. A timing never fails a test.
#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a measurement that fails may panic, and no other crate uses this one"
)]
#![expect(clippy::print_stdout, reason = "the figures are the product")]

mod account;
mod bare;
mod callbacks;
mod client;
mod console;
mod dev;
mod doubles;
mod fairness;
mod figure;
mod growth;
mod loaded;
mod long_polls;
mod nodes;
mod postgres;
mod process;
mod receiver;
mod requests;
mod sample;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if words.first().is_some_and(|word| word.starts_with("bare-") || *word == "due-callbacks") {
        return bare::be(&words).await;
    }
    let largest = words.iter().skip_while(|word| **word != "--largest").nth(1);
    let largest = largest.map_or(1_000_000, |number| number.parse().unwrap());
    let names: Vec<&str> = words.iter().take_while(|word| !word.starts_with("--")).copied().collect();
    let is_wanted = |name: &str| names.is_empty() || names.contains(&name);
    figure::print_head();
    if is_wanted("dev") {
        dev::measure().await;
    }
    if is_wanted("doubles") {
        doubles::measure().await;
    }
    if is_wanted("read") {
        requests::measure_reads().await;
    }
    if is_wanted("change") {
        requests::measure_changes().await;
    }
    if is_wanted("page") {
        requests::measure_pages().await;
    }
    if is_wanted("purchase") {
        requests::measure_purchases().await;
    }
    if is_wanted("callback") {
        callbacks::measure().await;
    }
    if is_wanted("receiver") {
        receiver::measure().await;
    }
    if is_wanted("fairness") {
        fairness::measure().await;
    }
    if is_wanted("long-polls") {
        long_polls::measure().await;
    }
    if is_wanted("growth") {
        growth::measure(largest).await;
        growth::measure_callbacks(1_000_000).await;
    }
    if is_wanted("console") {
        console::measure(largest).await;
    }
    if is_wanted("nodes") {
        nodes::measure().await;
    }
    if is_wanted("growth-on-postgres") {
        growth::measure_on_postgres(largest).await;
    }
    figure::print_missed();
}
