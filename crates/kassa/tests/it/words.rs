//! Words that the product's texts avoid: metaphors and riddles that a newcomer cannot search for.

use std::path::Path;

use syn::visit::{self, Visit};

use crate::help::COMMANDS;
use crate::prose::{blocks_of_comments, documents, without_code, without_spans};
use crate::workspace::{files, text};

/// The avoided words, in small letters, each with plain ones.
const AVOIDED: [(&str, &str); 35] = [
    ("anew", "again"),
    ("became of", "the outcome"),
    ("becomes of", "the outcome"),
    ("blown", "applied"),
    ("crowd", "many callers"),
    ("crowds", "many callers"),
    ("for want of", "because ... is missing"),
    ("gone", "deleted, closed, lost"),
    ("held", "kept, stored, locked, open"),
    ("hold", "have, contain, keep, apply"),
    ("holding", "having, containing"),
    ("holds", "has, contains, keeps, applies"),
    ("hurries", "latency"),
    ("hurry", "latency"),
    ("leaves", "omits, keeps, goes to"),
    ("let go", "closed, revoked"),
    ("lets go", "closes, revokes"),
    ("lived", "kept"),
    ("lives", "is in"),
    ("mend", "correct, repair"),
    ("mended", "corrected, repaired"),
    ("mends", "corrects, repairs"),
    ("outlive", "is older than"),
    ("outlived", "expired"),
    ("outlives", "is older than"),
    ("seldom", "rarely, at most once a second"),
    ("silence", "without an answer, idle"),
    ("stand", "is, are"),
    ("stands", "is"),
    ("stranded", "cannot continue"),
    ("taken", "used, in use"),
    ("told", "reported, informed"),
    ("weather", "faults"),
    ("whatever", "any, every"),
    ("whoever", "anyone who, the caller"),
];

/// Terms of the field that contain an avoided word.
const TERMS: [&str; 2] = ["short-lived", "cursor with hold"];

#[test]
fn help_texts_avoid_metaphors() {
    let mut found = Vec::new();
    for (words, help) in &*COMMANDS {
        found.extend(avoided(&help.text).map(|hit| format!("kassa {} --help: {hit}", words.join(" "))));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn log_lines_and_errors_avoid_metaphors() {
    let mut found = Vec::new();
    for path in files(&["crates"], &["rs"]).iter().filter(|path| has_messages(path)) {
        let mut messages = Messages::default();
        messages.visit_file(&syn::parse_file(&text(path)).unwrap());
        for message in &messages.texts {
            found.extend(avoided(message).map(|hit| format!("{}: {hit}: {message}", path.display())));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn documents_avoid_metaphors() {
    let mut found = Vec::new();
    for path in documents() {
        let prose = without_spans(&without_code(&text(&path)));
        found.extend(prose.split("\n\n").flat_map(|paragraph| {
            avoided(paragraph)
                .map(|hit| format!("{}: {hit}: {paragraph}", path.display()))
                .collect::<Vec<_>>()
        }));
    }
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}

#[test]
fn comments_avoid_metaphors() {
    let mut found = Vec::new();
    for path in files(&["crates"], &["rs"]) {
        for block in blocks_of_comments(&text(&path)) {
            let prose = without_spans(&block);
            found.extend(avoided(&prose).map(|hit| format!("{}: {hit}: {block}", path.display())));
        }
    }
    assert!(found.is_empty(), "{} places:\n{}", found.len(), found.join("\n"));
}

/// Files whose texts are for the customers of shops.
const FOR_CUSTOMERS: [&str; 2] = ["crates/kassa-i18n", "crates/kassa-demo/src/catalogue.rs"];

fn has_messages(path: &Path) -> bool {
    let is_source = path.iter().any(|part| part == "src") && !path.ends_with("tests.rs");
    is_source && !FOR_CUSTOMERS.iter().any(|other| path.starts_with(other))
}

/// The fewest words of a text that is a message, and not a name.
const MESSAGE_WORDS: usize = 4;

/// The avoided words of a text, each with what to write.
fn avoided(text: &str) -> impl Iterator<Item = String> {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    for term in TERMS {
        line = line.replace(term, "");
    }
    let is_letter =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    AVOIDED.iter().filter_map(move |(word, instead)| {
        let mut places = line.match_indices(word);
        let stands_alone = places.any(|(start, _)| {
            !is_letter(line[..start].chars().next_back())
                && !is_letter(line[start + word.len()..].chars().next())
        });
        stands_alone.then(|| format!("\"{word}\" (write: {instead})"))
    })
}

/// The texts of log lines, errors and other messages.
#[derive(Default)]
struct Messages {
    texts: Vec<String>,
}

/// Macros whose texts people read.
const MESSAGES: [&str; 9] =
    ["trace", "debug", "info", "warn", "error", "bail", "anyhow", "println", "eprintln"];

impl Messages {
    /// Adds the text literals among tokens.
    fn add(&mut self, tokens: &str) {
        let mut rest = tokens;
        while let Some((_, after)) = rest.split_once('"') {
            let mut end = 0;
            let mut letters = after.char_indices();
            while let Some((place, letter)) = letters.next() {
                match letter {
                    '\\' => drop(letters.next()),
                    '"' => break,
                    _ => end = place + letter.len_utf8(),
                }
            }
            self.texts.push(after[..end].to_string());
            rest = after.get(end + 1..).unwrap_or_default();
        }
    }
}

impl<'a> Visit<'a> for Messages {
    fn visit_lit_str(&mut self, literal: &'a syn::LitStr) {
        let text = literal.value();
        if text.split_whitespace().count() >= MESSAGE_WORDS {
            self.texts.push(text);
        }
    }

    fn visit_item_mod(&mut self, module: &'a syn::ItemMod) {
        if module.ident != "tests" {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_macro(&mut self, call: &'a syn::Macro) {
        let name = call.path.segments.last().unwrap().ident.to_string();
        if MESSAGES.contains(&name.as_str()) {
            self.add(&call.tokens.to_string());
        }
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'a syn::Attribute) {
        if attribute.path().is_ident("error")
            && let syn::Meta::List(list) = &attribute.meta
        {
            self.add(&list.tokens.to_string());
        }
    }
}
