//! The structure that `ARCHITECTURE.md` promises: no large circle of files, no oversized crate, and one owner of the
//! store.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use syn::visit::{self, Visit};
use syn::{ItemMod, ItemUse, UseTree, Visibility};

use crate::workspace::{files, root, text};

/// Maximum number of files that import each other in a circle.
const LARGEST_CIRCLE: usize = 8;

/// Maximum share of the lines in one crate, in percent.
const LARGEST_SHARE: usize = 20;

/// Maximum number of lines of the composition.
const LARGEST_COMPOSITION: usize = 1000;

/// The crates that may name the store's handle. All others use the engine's capabilities.
const STORE_OWNERS: [&str; 4] = ["kassa-store", "kassa-engine", "kassa-server", "kassa"];

/// The crates that may name the whole application.
const COMPOSERS: [&str; 2] = ["kassa-server", "kassa"];

#[test]
fn no_circle_of_imports_spans_more_than_eight_files() {
    let mut found = Vec::new();
    for name in crate_names() {
        let modules = Modules::of(&name);
        let circles = tarjan_scc(&modules.imports()).into_iter();
        for circle in circles.filter(|circle| circle.len() > LARGEST_CIRCLE) {
            let names: Vec<_> = circle.iter().map(|module| modules.paths[*module].join("::")).collect();
            found.push(format!("{name}: {} files import each other: {names:?}", names.len()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_crate_has_more_than_a_fifth_of_the_lines() {
    let lines: Vec<_> = crate_names().into_iter().map(|name| (lines_of(&name), name)).collect();
    let total: usize = lines.iter().map(|(lines, _)| lines).sum();
    for (lines, name) in lines {
        assert!(lines * 100 <= total * LARGEST_SHARE, "{name} has {lines} of {total} lines");
    }
}

#[test]
fn the_composition_stays_small() {
    let lines = lines_of("kassa-server");
    assert!(lines < LARGEST_COMPOSITION, "kassa-server has {lines} lines");
}

#[test]
fn only_the_engine_holds_the_store() {
    for name in crate_names().iter().filter(|name| !STORE_OWNERS.contains(&name.as_str())) {
        for path in sources(name) {
            let names = Names::imported_by(&text(&path));
            assert!(!names.contains("kassa_store", "Store"), "{} names the store", path.display());
        }
    }
}

#[test]
fn only_the_composition_names_the_whole_application() {
    for name in crate_names().iter().filter(|name| !COMPOSERS.contains(&name.as_str())) {
        for path in sources(name) {
            let names = Names::imported_by(&text(&path));
            assert!(!names.contains("kassa_server", "App"), "{} names the application", path.display());
        }
    }
}

#[test]
fn only_the_engine_changes_a_status() {
    for name in crate_names().iter().filter(|name| !["kassa-store", "kassa-engine"].contains(&name.as_str()))
    {
        for path in sources(name) {
            let names = Names::imported_by(&text(&path));
            assert!(!names.contains("kassa_store", "Advance"), "{} changes a status", path.display());
        }
    }
}

/// The readers of JSON: of bodies, and of stored values. The other files read JSON that is neither.
const MAY_PARSE_JSON: [&str; 8] = [
    "kassa-http/src/body.rs",
    "kassa-wire/src/",
    "kassa-store/src/reading.rs",
    "kassa-store/src/postgres/notifications.rs",
    "kassa-developer-page/src/json_text.rs",
    "kassa-lab/src/journal/entry.rs",
    "kassa-lab/src/page/journal.rs",
    "kassa-lab/src/record.rs",
];

/// The crates whose bodies and stored values have one reader each. The demo shop is a client.
const SERVING: [&str; 9] = [
    "kassa-wire",
    "kassa-store",
    "kassa-engine",
    "kassa-http",
    "kassa-api",
    "kassa-sandbox",
    "kassa-page",
    "kassa-developer-page",
    "kassa-lab",
];

#[test]
fn bodies_and_stored_values_have_one_reader_each() {
    let parses = ["serde_json::from_str", "serde_json::from_slice", "serde_json::from_value"];
    for name in SERVING {
        for path in sources(name) {
            let path_text = path.display().to_string();
            let parses_json = parses.iter().any(|parse| text(&path).contains(parse));
            let may_parse = MAY_PARSE_JSON.iter().any(|allowed| path_text.contains(allowed));
            assert!(may_parse || !parses_json, "{path_text} parses JSON beside the readers");
        }
    }
}

fn crate_names() -> Vec<String> {
    let folders = std::fs::read_dir(root().join("crates")).unwrap();
    let mut names: Vec<_> =
        folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn sources(name: &str) -> Vec<PathBuf> {
    files(&[&format!("crates/{name}/src")], &["rs"])
}

fn lines_of(name: &str) -> usize {
    sources(name).iter().map(|path| text(path).lines().count()).sum()
}

/// The modules of one crate, each a file.
struct Modules {
    paths: Vec<Vec<String>>,
    names: Vec<Names>,
    by_path: BTreeMap<Vec<String>, usize>,
}

impl Modules {
    fn of(name: &str) -> Self {
        let base = PathBuf::from(format!("crates/{name}/src"));
        let found = sources(name);
        let paths: Vec<_> = found.iter().map(|path| module_path(path.strip_prefix(&base).unwrap())).collect();
        let by_path = paths.iter().cloned().enumerate().map(|(module, path)| (path, module)).collect();
        Self { names: found.iter().map(|path| Names::imported_by(&text(path))).collect(), paths, by_path }
    }

    /// The imports between the modules. A name that a module re-exports counts as imported from its own module.
    fn imports(&self) -> DiGraphMap<usize, ()> {
        let mut graph = DiGraphMap::new();
        for (module, names) in self.names.iter().enumerate() {
            graph.add_node(module);
            for path in &names.imported {
                if let Some(target) = self.target(module, path).filter(|target| *target != module) {
                    graph.add_edge(module, target, ());
                }
            }
        }
        graph
    }

    fn target(&self, from: usize, path: &[String]) -> Option<usize> {
        let own = &self.paths[from];
        let supers = path.iter().take_while(|part| *part == "super").count();
        let absolute: Vec<String> = match path.first()?.as_str() {
            "crate" => path[1..].to_vec(),
            "self" => own.iter().chain(&path[1..]).cloned().collect(),
            "super" => {
                own[..own.len().saturating_sub(supers)].iter().chain(&path[supers..]).cloned().collect()
            }
            _ => own.iter().chain(path).cloned().collect(),
        };
        let is_child = !["crate", "self", "super"].contains(&path[0].as_str());
        let shortest = if is_child { own.len() + 1 } else { 0 };
        let length = (shortest..=absolute.len())
            .rev()
            .find(|length| self.by_path.contains_key(&absolute[..*length]))?;
        let target = self.by_path[&absolute[..length]];
        let Some(name) = absolute.get(length) else { return Some(target) };
        let mut reexported = self.names[target].reexported.iter();
        match reexported.find(|path| path.last() == Some(name)) {
            Some(path) if target != from => self.target(target, path),
            _ => Some(target),
        }
    }
}

fn module_path(file: &Path) -> Vec<String> {
    let path = file.with_extension("");
    let parts: Vec<String> = path.iter().map(|part| part.to_str().unwrap().to_string()).collect();
    if ["lib", "main"].contains(&parts[0].as_str()) { Vec::new() } else { parts }
}

/// The paths that a file names outside its tests.
#[derive(Default)]
struct Names {
    imported: Vec<Vec<String>>,
    reexported: Vec<Vec<String>>,
}

impl Names {
    fn imported_by(text: &str) -> Self {
        let mut names = Self::default();
        names.visit_file(&syn::parse_file(text).unwrap());
        names
    }

    fn contains(&self, first: &str, last: &str) -> bool {
        self.imported.iter().chain(&self.reexported).any(|path| {
            path.first().is_some_and(|part| part == first) && path.iter().any(|part| part == last)
        })
    }
}

/// The paths of a `use`, with the path before it.
fn paths_of(tree: &UseTree, before: &[String]) -> Vec<Vec<String>> {
    let with = |name: String| before.iter().cloned().chain([name]).collect::<Vec<_>>();
    match tree {
        UseTree::Path(path) => paths_of(&path.tree, &with(path.ident.to_string())),
        UseTree::Group(group) => group.items.iter().flat_map(|tree| paths_of(tree, before)).collect(),
        UseTree::Name(name) => vec![with(name.ident.to_string())],
        UseTree::Rename(name) => vec![with(name.ident.to_string())],
        UseTree::Glob(_) => vec![before.to_vec()],
    }
}

impl<'a> Visit<'a> for Names {
    fn visit_item_use(&mut self, item: &'a ItemUse) {
        let paths = paths_of(&item.tree, &[]);
        match item.vis {
            Visibility::Inherited => self.imported.extend(paths),
            Visibility::Public(_) | Visibility::Restricted(_) => self.reexported.extend(paths),
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        if path.segments.len() > 1 {
            self.imported.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    /// `pub(in crate::scenarios)` imports nothing.
    fn visit_visibility(&mut self, _: &'a Visibility) {}

    fn visit_item_mod(&mut self, module: &'a ItemMod) {
        if module.ident != "tests" {
            visit::visit_item_mod(self, module);
        }
    }
}
