//! The commands of `kassa`, as its help texts list them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::harness::run;

/// Every command by its words, such as `track reconcile`. The command itself has no words.
pub static COMMANDS: LazyLock<BTreeMap<Vec<String>, HelpText>> = LazyLock::new(|| {
    let mut commands = BTreeMap::new();
    collect(Vec::new(), &mut commands);
    commands
});

/// The help of one command.
pub struct HelpText {
    pub text: String,
    /// The options, such as `--listen`.
    pub options: BTreeSet<String>,
}

fn collect(words: Vec<String>, commands: &mut BTreeMap<Vec<String>, HelpText>) {
    let arguments: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
    let output = run(&arguments);
    assert!(output.status.success(), "kassa {}", arguments.join(" "));
    let text = String::from_utf8(output.stdout).unwrap();
    for name in subcommands(&text) {
        collect(words.iter().cloned().chain([name]).collect(), commands);
    }
    let options = text.lines().filter_map(option).collect();
    commands.insert(words, HelpText { text, options });
}

/// The names in the list of subcommands. They are indented by two blanks, and their descriptions by more.
fn subcommands(help: &str) -> Vec<String> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let rows = list.take_while(|line| !line.is_empty()).filter_map(|line| line.strip_prefix("  "));
    let names = rows.filter(|row| !row.starts_with(' ')).map(|row| row.split(' ').next().unwrap());
    names.filter(|name| *name != "help").map(str::to_string).collect()
}

/// The option that a line of a help text describes.
fn option(line: &str) -> Option<String> {
    let line = line.trim_start();
    let long = line.strip_prefix("-h, ").or_else(|| line.strip_prefix("-V, ")).unwrap_or(line);
    long.starts_with("--").then(|| long.split([' ', '=']).next().unwrap().to_string())
}
