//! The settings of the documents and of the code are the same: no page names an unknown key, and no key is missing.

use std::collections::BTreeSet;

use syn::{Fields, Item};

use crate::prose::without_code;
use crate::workspace::text;

#[test]
fn the_pages_about_serving_list_every_setting() {
    let mut settings = settings(&[
        "crates/kassa/src/config.rs",
        "crates/kassa/src/config/klarna.rs",
        "crates/kassa/src/config/external.rs",
        "crates/kassa/src/config/messages.rs",
        "crates/kassa/src/config/openid.rs",
    ]);
    // The name of a variant of an enum, and no field.
    settings.insert("gateway".to_string());
    check(&["docs/serving.md", "docs/outgoing.md", "docs/console.md", "docs/messages.md"], &settings);
}

#[test]
fn the_page_about_integrating_lists_every_setting_of_the_tracker() {
    let sources = [
        "crates/kassa/src/track/settings.rs",
        "crates/kassa-client/src/tracker/options.rs",
        "crates/kassa-client/src/tracker/schedule.rs",
    ];
    check(&["docs/integrating.md"], &settings(&sources));
}

fn check(pages: &[&str], settings: &BTreeSet<String>) {
    let documented: BTreeSet<String> = pages.iter().flat_map(|page| keys(&text(page))).collect();
    let missing: Vec<_> = settings.difference(&documented).collect();
    assert!(missing.is_empty(), "{pages:?} do not describe {missing:?}");
    let unknown: Vec<_> = documented.difference(settings).collect();
    assert!(unknown.is_empty(), "{pages:?} describe {unknown:?}, which the command does not know");
}

/// The fields of the structs that are read from a file.
fn settings(sources: &[&str]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in sources {
        for item in syn::parse_file(&text(source)).unwrap().items {
            let Item::Struct(item) = item else { continue };
            let derives = item.attrs.iter().filter(|attribute| attribute.path().is_ident("derive"));
            let is_read =
                derives.filter_map(|derive| tokens(&derive.meta)).any(|list| list.contains("Deserialize"));
            let (true, Fields::Named(fields)) = (is_read, item.fields) else { continue };
            let skips = |field: &syn::Field| {
                field
                    .attrs
                    .iter()
                    .filter_map(|attribute| tokens(&attribute.meta))
                    .any(|serde| serde == "skip")
            };
            names.extend(
                fields
                    .named
                    .iter()
                    .filter(|field| !skips(field))
                    .map(|field| field.ident.as_ref().unwrap().to_string()),
            );
        }
    }
    assert!(names.len() > 5, "{names:?}");
    names
}

fn tokens(meta: &syn::Meta) -> Option<String> {
    meta.require_list().ok().map(|list| list.tokens.to_string())
}

/// The keys of a page: in its TOML blocks, and in the first column of each table with the heading `key`.
fn keys(page: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for block in page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()) {
        let lines = block.lines().map(|line| line.trim_start_matches("# "));
        keys.extend(
            lines
                .clone()
                .filter_map(|line| line.strip_prefix('['))
                .map(|line| line.split(']').next().unwrap().rsplit('.').next().unwrap().to_string()),
        );
        keys.extend(lines.filter_map(|line| line.split_once(" = ")).map(|(key, _)| key.to_string()));
    }
    let prose = without_code(page);
    let sections = prose.split('`').skip(1).step_by(2).filter_map(|span| span.strip_prefix('['));
    let sections = sections.filter_map(|span| span.strip_suffix(']'));
    keys.extend(sections.map(|section| section.rsplit('.').next().unwrap().to_string()));
    let mut column = None;
    for row in prose.lines() {
        let cells: Vec<&str> = row.split('|').collect();
        if !row.starts_with('|') {
            column = None;
        } else if column.is_none() {
            column = cells.iter().position(|cell| cell.trim().starts_with("key")).or(Some(0));
        } else if let Some(column) = column.filter(|column| *column > 0) {
            let spans = cells[column].split('`').skip(1).step_by(2);
            let names = spans.map(|span| span.split([' ', '=']).next().unwrap().rsplit('.').next().unwrap());
            let is_key = |name: &&str| name.starts_with(|first: char| first.is_ascii_lowercase());
            keys.extend(names.filter(is_key).map(str::to_string));
        }
    }
    keys
}
