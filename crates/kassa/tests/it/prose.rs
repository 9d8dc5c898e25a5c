//! Plain English, and citations that lead somewhere.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::workspace::{files, text};

/// How a sentence begins whose subject is a clause: a reader has to read it twice.
const CLAUSES: [&str; 8] =
    ["Nobody ", "What ", "Whatever ", "Where ", "Wherever ", "Who ", "Whoever ", "Whose "];

#[test]
fn sentences_of_comments_begin_with_their_subject() {
    let mut found = Vec::new();
    for path in files(&["crates"], &["rs"]) {
        let source = text(&path);
        for block in blocks_of_comments(&source) {
            found.extend(clauses(&block).map(|sentence| format!("{}: {sentence}", path.display())));
        }
    }
    assert!(found.is_empty(), "{} sentences:\n{}", found.len(), found.join("\n"));
}

#[test]
fn sentences_of_documents_begin_with_their_subject() {
    let mut found = Vec::new();
    for path in documents() {
        let prose = without_code(&text(&path));
        for paragraph in prose.split("\n\n") {
            let paragraph = paragraph.trim_start_matches(['-', '*', '|', '#', '>', ' ', '\n']);
            found.extend(clauses(paragraph).map(|sentence| format!("{}: {sentence}", path.display())));
        }
    }
    assert!(found.is_empty(), "{} sentences:\n{}", found.len(), found.join("\n"));
}

#[test]
fn documents_write_conditions_with_if_and_when() {
    for path in documents() {
        let prose = without_spans(&without_code(&text(&path))).to_lowercase();
        let mut words = prose.split(|letter: char| !letter.is_alphanumeric());
        assert!(!words.any(|word| word == "where"), "{}: write if or when, not where", path.display());
    }
}

#[test]
fn every_citation_of_the_wire_leads_to_a_section() {
    let wire = text("docs/wire.md");
    let headings = wire.lines().filter_map(|line| line.strip_prefix('#'));
    let sections: BTreeSet<String> = headings.map(anchor_of).collect();
    for path in files(&["crates", "docs"], &["rs", "md", "html", "toml"]) {
        let text = text(&path);
        let older = text.find(concat!("(sp", "ec "));
        assert_eq!(older, None, "{}: cite a section of docs/wire.md", path.display());
        for (place, _) in text.match_indices("wire.md#") {
            let anchor = text[place + "wire.md#".len()..]
                .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
                .next()
                .unwrap_or_default();
            let is_pattern = anchor.is_empty() || anchor == "anchor";
            assert!(is_pattern || sections.contains(anchor), "{}: wire.md#{anchor}", path.display());
        }
    }
}

/// Every document, as a path from the root.
pub fn documents() -> Vec<PathBuf> {
    let top = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    top.into_iter().map(Into::into).chain(files(&["docs", "kits"], &["md"])).collect()
}

/// The documentation comments of a source file: lines that follow each other are one text.
pub fn blocks_of_comments(source: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in source.lines().map(str::trim_start) {
        match line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) {
            Some(comment) => {
                let block = blocks.last_mut().unwrap();
                block.push_str(comment.trim());
                block.push(' ');
            }
            None => blocks.push(String::new()),
        }
    }
    blocks
}

/// The sentences that begin with a clause. Questions may.
fn clauses(text: &str) -> impl Iterator<Item = String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let sentences: Vec<String> =
        line.split_inclusive(". ").map(|sentence| sentence.trim().to_string()).collect();
    let is_clause = |sentence: &String| CLAUSES.iter().any(|clause| sentence.starts_with(clause));
    sentences.into_iter().filter(move |sentence| is_clause(sentence) && !sentence.ends_with('?'))
}

/// The prose of a document, without its blocks of code.
pub fn without_code(document: &str) -> String {
    document.split("```").step_by(2).collect()
}

/// Removes code spans and the targets of links: they contain names, and not prose.
pub fn without_spans(prose: &str) -> String {
    let text: String = prose.split('`').step_by(2).collect::<Vec<_>>().join("code");
    let mut parts = text.split("](");
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |text, part| text + "]" + part.split_once(')').map_or("", |(_, rest)| rest))
}

/// The anchor of a heading, as a renderer of Markdown writes it.
pub fn anchor_of(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}
