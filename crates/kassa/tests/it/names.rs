//! One name, one type: `pub` type names are unique in the workspace.

use std::collections::{BTreeMap, BTreeSet};

use crate::workspace::{files, text};

/// Names that every module may use, because the module says what they are about.
const IDIOMS: [&str; 5] = ["Args", "Error", "Kind", "Options", "Settings"];

/// Names that several types still have. Rename one of the types, and remove the name here: the list only shrinks.
const SHARED: [&str; 1] = ["Outcome"];

#[test]
fn a_public_type_name_exists_once() {
    let names = public_types();
    let shared = names.iter().filter(|(_, places)| places.len() > 1);
    let shared: BTreeMap<_, _> = shared.filter(|(name, _)| !IDIOMS.contains(&name.as_str())).collect();
    let known = BTreeSet::from(SHARED);
    for (name, places) in &shared {
        assert!(known.contains(name.as_str()), "{name} is the name of several types: {places:?}");
    }
    let done: Vec<_> = known.iter().filter(|name| !shared.contains_key(&(**name).to_string())).collect();
    assert!(done.is_empty(), "these names exist once now: remove them from the list: {done:?}");
}

/// The names of public types, with the files that declare them. Macros that declare types count too.
fn public_types() -> BTreeMap<String, Vec<String>> {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in files(&["crates"], &["rs"]).iter().filter(|path| path.iter().any(|part| part == "src")) {
        for name in text(path).lines().filter_map(declared) {
            names.entry(name).or_default().push(path.display().to_string());
        }
    }
    names
}

/// The type that a line declares.
fn declared(line: &str) -> Option<String> {
    let rest = line.trim_start().strip_prefix("pub ")?;
    let keywords = ["struct ", "enum ", "trait ", "type ", "union "];
    let name = keywords.iter().find_map(|keyword| rest.strip_prefix(keyword))?;
    let end = name.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(name.len());
    (end > 0).then(|| name[..end].to_string())
}
