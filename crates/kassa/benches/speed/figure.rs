//! The figures of a round, and the table row that is printed for several rounds.

use std::time::Duration;

/// One round of one side: the number of operations, the elapsed time and the CPU time.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    pub operations: usize,
    pub took: Duration,
    pub cpu: Duration,
}

impl Round {
    pub fn cpu_us(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.operations as f64
    }

    pub fn per_second(&self) -> f64 {
        self.operations as f64 / self.took.as_secs_f64()
    }
}

/// The median of several measurements.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

pub fn median_cpu(rounds: &[Round]) -> f64 {
    median(rounds.iter().map(Round::cpu_us).collect())
}

pub fn median_rate(rounds: &[Round]) -> f64 {
    median(rounds.iter().map(Round::per_second).collect())
}

pub fn print_head() {
    println!("| measure | limit | figure | ratio | target |\n|---|---|---|---|---|");
}

/// Prints a row with a limit that was measured in the same run.
pub fn print_ratio(measure: &str, limit: f64, figure: f64, unit: &str, target: &str) {
    let ratio = figure / limit;
    println!("| {measure} | {} {unit} | {} {unit} | {ratio:.2} | {target} |", short(limit), short(figure));
}

/// Prints a row without a limit.
pub fn print_alone(measure: &str, figure: f64, unit: &str, target: &str) {
    println!("| {measure} | - | {} {unit} | - | {target} |", short(figure));
}

fn short(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}
