//! The languages of the page: each text is shown, and the documentation lists each language.

use std::path::PathBuf;

use crate::workspace::{files, text};

/// The names of the texts, from the file of English.
fn names() -> Vec<String> {
    let english = text("crates/kassa-i18n/locales/en.ftl");
    let lines = english.lines().filter(|line| !line.starts_with(['#', ' ']));
    lines.filter_map(|line| line.split_once(" =")).map(|(name, _)| name.to_string()).collect()
}

#[test]
fn each_text_is_shown_somewhere() {
    let sources = files(&["crates/kassa-page", "crates/kassa-api/src"], &["rs", "html"]);
    let is_test = |path: &&PathBuf| path.to_string_lossy().contains("/tests");
    let code: String = sources.iter().filter(|path| !is_test(path)).map(text).collect();
    assert!(names().len() > 80);
    for name in names() {
        let is_used = ["texts.", "texts()."].iter().any(|owner| is_named(&code, &format!("{owner}{name}")));
        assert!(is_used, "no page and no message shows the text {name}");
    }
}

/// Whether the code contains this name, and not only a longer one that begins with it.
fn is_named(code: &str, name: &str) -> bool {
    let is_letter = |letter: char| letter == '_' || letter.is_alphanumeric();
    code.match_indices(name).any(|(at, _)| !code[at + name.len()..].starts_with(is_letter))
}

#[test]
fn the_page_about_languages_lists_each_of_them() {
    let page = text("docs/languages.md");
    let rows: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let languages = files(&["crates/kassa-i18n/locales"], &["ftl"]);
    let tags: Vec<_> = languages.iter().map(|path| path.file_stem().unwrap().to_str().unwrap()).collect();
    assert_eq!(rows, tags);
    assert!(page.contains(&format!("in {} languages", tags.len())));
}
