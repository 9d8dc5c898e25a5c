//! The figures of a round, and the table row that is printed for several rounds.

use std::sync::Mutex;
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

/// A target: the required number, and the one that is aimed at.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// Nothing is required.
    None,
    /// The number may not be higher.
    AtMost { required: f64, aimed: f64 },
    /// The number may not be lower.
    AtLeast { required: f64, aimed: f64 },
}

pub const fn at_most(required: f64, aimed: f64) -> Target {
    Target::AtMost { required, aimed }
}

pub const fn at_least(required: f64, aimed: f64) -> Target {
    Target::AtLeast { required, aimed }
}

impl Target {
    /// The last two columns of a row: the target, and whether the number meets it.
    fn judged(self, number: f64) -> (String, &'static str) {
        let (required, aimed, meets): (f64, f64, fn(&f64, &f64) -> bool) = match self {
            Self::None => return (String::new(), ""),
            Self::AtMost { required, aimed } => (required, aimed, f64::le),
            Self::AtLeast { required, aimed } => (required, aimed, f64::ge),
        };
        let result = match (meets(&number, &required), meets(&number, &aimed)) {
            (_, true) => "aim met",
            (true, false) => "met",
            (false, false) => "**missed**",
        };
        (format!("{required}; {aimed}"), result)
    }
}

/// The rows that missed their target.
static MISSED: Mutex<Vec<String>> = Mutex::new(Vec::new());

pub fn print_head() {
    println!("| measure | limit | figure | ratio | target; aim | result |\n|---|---|---|---|---|---|");
}

/// Prints a row with a limit that was measured in the same run. The target is for the ratio.
pub fn print_ratio(measure: &str, limit: f64, figure: f64, unit: &str, target: Target) {
    let ratio = figure / limit;
    let (target, result) = judged(measure, target, ratio);
    println!(
        "| {measure} | {} {unit} | {} {unit} | {ratio:.2} | {target} | {result} |",
        short(limit),
        short(figure)
    );
}

/// Prints a row without a limit. The target is for the figure.
pub fn print_alone(measure: &str, figure: f64, unit: &str, target: Target) {
    let (target, result) = judged(measure, target, figure);
    println!("| {measure} | - | {} {unit} | - | {target} | {result} |", short(figure));
}

/// Prints the rows that missed their target.
pub fn print_missed() {
    let missed = MISSED.lock().unwrap();
    println!("\nTargets missed: {}", missed.len());
    for measure in &*missed {
        println!("- {measure}");
    }
}

fn judged(measure: &str, target: Target, number: f64) -> (String, &'static str) {
    let (target, result) = target.judged(number);
    if result == "**missed**" {
        MISSED.lock().unwrap().push(measure.to_string());
    }
    (target, result)
}

fn short(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}
