//! The documents name only things that exist: links and headings, commands and options, variables, files, types and
//! metrics.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use kassa_engine::{MetricDescription, metric_descriptions};

use crate::help::COMMANDS;
use crate::prose::{anchor_of, documents, without_code};
use crate::workspace::{files, root, text};

/// Variables of other programs' configurations that begin with `KASSA_`, and the ones of the proofs.
const OTHER_VARIABLES: [&str; 2] = ["KASSA_COMMIT", "KASSA_REPOSITORY"];

/// Options of other programs that the documents name without the program.
const OTHER_OPTIONS: [&str; 2] = ["--install-links", "--long"];

/// The source of every crate, with its tests and benchmarks.
static SOURCE: LazyLock<String> = LazyLock::new(|| {
    files(&["crates", "deploy", "tools"], &["rs", "sql", "html", "yml"]).iter().map(text).collect()
});

/// The metrics of a node.
static METRICS: LazyLock<Vec<MetricDescription>> = LazyLock::new(metric_descriptions);

/// The documents that describe the present. Decisions and versions describe the past.
fn present() -> impl Iterator<Item = PathBuf> {
    let past = |path: &PathBuf| path.starts_with("docs/decisions") || path == Path::new("CHANGELOG.md");
    documents().into_iter().filter(move |path| !past(path))
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    for page in documents() {
        let folder = page.parent().unwrap().to_path_buf();
        for link in links(&text(&page)) {
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() { page.clone() } else { folder.join(file) };
            assert!(root().join(&target).exists(), "{} links to {link}", page.display());
            let is_heading = anchor.is_empty() || anchors(&target).contains(anchor);
            assert!(is_heading, "{} links to {link}, which is no heading", page.display());
        }
    }
}

#[test]
fn every_reference_of_a_comment_leads_to_a_heading() {
    for path in files(&["crates", "deploy", "tools"], &["rs", "toml", "html", "sql", "yml", "yaml"]) {
        let text = text(&path);
        for (place, _) in text.match_indices("docs/") {
            let is_part = |letter: char| letter.is_ascii_alphanumeric() || "/-_.#".contains(letter);
            let reference = text[place..].split(|letter| !is_part(letter)).next().unwrap();
            let Some((page, anchor)) = reference.trim_end_matches('.').split_once(".md#") else { continue };
            let is_pattern = anchor.is_empty() || anchor == "anchor";
            let page = PathBuf::from(format!("{page}.md"));
            assert!(is_pattern || anchors(&page).contains(anchor), "{}: {reference}", path.display());
        }
    }
}

#[test]
fn every_command_and_option_exists() {
    let mut count = 0;
    for page in present() {
        for line in commands(&text(&page)) {
            let words: Vec<_> = line.split_whitespace().collect();
            let length =
                (0..=words.len()).rev().find(|length| COMMANDS.contains_key(&owned(&words[..*length])));
            let (command, rest) = words.split_at(length.unwrap());
            let is_placeholder = |word: &str| word.starts_with(['-', '\'', '"', '[', '<', '.']);
            let is_command = !command.is_empty() || rest.first().is_none_or(|word| is_placeholder(word));
            assert!(is_command, "{}: kassa {line}", page.display());
            for option in rest.iter().filter(|word| word.starts_with("--")) {
                let option = option.split('=').next().unwrap();
                let is_known = COMMANDS[&owned(command)].options.contains(option);
                assert!(is_known, "{}: kassa {line}: {option}", page.display());
            }
            count += 1;
        }
    }
    assert!(count > 50, "only {count} commands were found");
}

#[test]
fn every_option_without_its_command_exists() {
    let options: BTreeSet<&str> =
        COMMANDS.values().flat_map(|help| &help.options).map(String::as_str).chain(OTHER_OPTIONS).collect();
    for page in present() {
        for span in spans(&without_code(&text(&page))).filter(|span| span.starts_with("--")) {
            let option = span.split([' ', '=']).next().unwrap();
            assert!(options.contains(option), "{}: {span}", page.display());
        }
    }
}

#[test]
fn every_variable_exists() {
    let known =
        words_with(&(SOURCE.clone() + text("test").as_str()), "KASSA_", |letter| letter.is_ascii_uppercase());
    for page in present() {
        for variable in words_with(&text(&page), "KASSA_", |letter| letter.is_ascii_uppercase()) {
            let is_known = known.contains(&variable) || OTHER_VARIABLES.contains(&variable.as_str());
            assert!(is_known, "{}: {variable}", page.display());
        }
    }
}

#[test]
fn every_metric_exists() {
    for page in present() {
        for span in spans(&without_code(&text(&page))) {
            for metric in words_with(&span, "kassa_", |letter| letter.is_ascii_lowercase()) {
                let is_of_a_node = METRICS.iter().any(|described| metric.starts_with(&described.name));
                // The library of metrics adds the prefix and the unit of the tracker's.
                let name = metric.trim_start_matches("kassa_").trim_start_matches("track_");
                let name = name.trim_end_matches("_total").trim_end_matches("_seconds");
                let is_in_source = SOURCE.contains(&metric) || SOURCE.contains(&format!("\"{name}\""));
                let exists = is_of_a_node || is_in_source;
                assert!(exists, "{}: {metric}", page.display());
            }
        }
    }
}

#[test]
fn every_file_of_the_source_exists() {
    let known =
        files(&["crates", "deploy", "docs", "tools"], &["rs", "toml", "yml", "yaml", "cfg", "sql", "md"]);
    for page in present() {
        for span in spans(&without_code(&text(&page))) {
            let is_path = |word: &&str| {
                word.ends_with(".rs") && word.starts_with(|first: char| first.is_ascii_lowercase())
            };
            for word in span.split_whitespace().filter(is_path) {
                let exists = known.iter().any(|path| path.ends_with(word));
                let is_sample = word.starts_with("tests/") || word.contains("NNNN");
                assert!(exists || is_sample, "{}: {word}", page.display());
            }
        }
    }
}

#[test]
fn every_type_of_kassa_exists() {
    for page in
        ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/glossary.md", "docs/integrating.md", "docs/lifecycle.md"]
    {
        for span in spans(&without_code(&text(page))).filter(|span| is_type_name(span)) {
            let exists = words_with(&SOURCE, &span, char::is_alphanumeric).contains(&span);
            assert!(exists, "{page}: {span}");
        }
    }
}

#[test]
fn the_http_page_lists_every_kind_of_path() {
    let page = text("docs/http.md");
    let table: String = page.lines().filter(|line| line.starts_with("| `")).collect();
    let serves =
        |path: &&PathBuf| path.iter().any(|part| part == "src") && !path.starts_with("crates/kassa-client");
    for path in files(&["crates"], &["rs"]).iter().filter(serves) {
        let source = text(path);
        for route in source.split(".route(").skip(1).filter_map(|rest| rest.trim_start().strip_prefix("\"/"))
        {
            let first = route.split(['/', '"']).next().unwrap();
            let is_nested = first.starts_with('{');
            assert!(is_nested || table.contains(&format!("/{first}")), "{}: /{first}", path.display());
        }
    }
}

#[test]
fn a_tool_draws_every_picture_of_the_documents() {
    let tools = [text("tools/pictures"), text("tools/contact-sheet")].join("\n");
    for path in files(&["docs/images"], &["png"]) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(tools.split_whitespace().any(|word| word == name), "no tool draws {name}");
    }
}

#[test]
fn the_readme_states_what_people_search_for_and_need() {
    let readme = text("README.md");
    for word in ["webhook", "mock", "fake", "stub", "emulator", "sandbox", "minutes", "GB of disk"] {
        assert!(readme.contains(word), "{word}");
    }
    let manifest = text("Cargo.toml");
    let rust = manifest.lines().find_map(|line| line.strip_prefix("rust-version = \"")).unwrap();
    let rust = rust.trim_end_matches('"');
    for page in ["README.md", "Dockerfile", "docs/testing.md"] {
        assert!(text(page).contains(rust), "{page} does not name Rust {rust}");
    }
}

/// The targets of the links of a page, without those to other hosts.
fn links(page: &str) -> Vec<String> {
    let prose = without_code(page);
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|link| !link.starts_with("http") && !link.contains('`')).map(str::to_string).collect()
}

/// The anchors of a page's headings. Headings with the same words get a number.
fn anchors(page: &Path) -> BTreeSet<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let prose = without_code(&text(page));
    let headings = prose.lines().filter(|line| line.starts_with('#')).map(anchor_of);
    let anchors = headings.map(|anchor| {
        let count = counts.entry(anchor.clone()).or_default();
        *count += 1;
        if *count == 1 { anchor } else { format!("{anchor}-{}", *count - 1) }
    });
    anchors.collect()
}

/// The words behind `kassa` in each code span and each line of a block that runs it.
fn commands(page: &str) -> Vec<String> {
    let spans = spans(&without_code(page)).filter_map(|span| span.strip_prefix("kassa ").map(str::to_string));
    let shell = ["sh", "sh walkthrough", "yaml", ""];
    let blocks = page.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'));
    let blocks = blocks.filter(|(language, _)| shell.contains(language)).map(|(_, block)| block);
    let blocks = blocks.collect::<String>().replace("\\\n", " ");
    let lines = blocks.lines().filter_map(|line| {
        let words = line.split(" && ").flat_map(|part| part.split("$(")).map(str::trim);
        let runs = words.filter_map(|part| {
            let set = part.split_whitespace().take_while(|word| word.starts_with("KASSA_")).count();
            let rest = part.split_whitespace().skip(set).collect::<Vec<_>>().join(" ");
            rest.strip_prefix("kassa ").map(str::to_string)
        });
        let runs: Vec<String> = runs.collect();
        (!runs.is_empty()).then_some(runs)
    });
    let all = spans.chain(lines.flatten());
    all.map(|command| command.split(['|', ';', '>', '#', '&', ')']).next().unwrap().to_string()).collect()
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

/// The code spans of a text without blocks of code.
fn spans(prose: &str) -> impl Iterator<Item = String> + use<> {
    let spans: Vec<String> = prose
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|span| span.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    spans.into_iter()
}

/// The words of a text that begin with these letters, and continue with letters of this kind and `_`.
fn words_with(text: &str, start: &str, is_part: impl Fn(char) -> bool) -> BTreeSet<String> {
    let starts = text.match_indices(start).map(|(place, _)| &text[place..]);
    let words = starts.map(|rest| rest.split(|letter| !is_part(letter) && letter != '_').next().unwrap());
    words
        .map(|word| word.trim_end_matches('_'))
        .filter(|word| word.len() > start.len() - 1)
        .map(str::to_string)
        .collect()
}

/// Whether a code span is the name of a type of several words.
fn is_type_name(span: &str) -> bool {
    let capitals = span.chars().filter(char::is_ascii_uppercase).count();
    let is_word = span.chars().all(|letter| letter.is_ascii_alphabetic());
    is_word
        && capitals > 1
        && capitals < span.len() / 2
        && span.starts_with(|first: char| first.is_ascii_uppercase())
}
