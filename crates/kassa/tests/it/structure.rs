//! The structure that `ARCHITECTURE.md` promises: no large circle of files, no oversized crate, and one owner of the store.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use syn::visit::{self, Visit};
use syn::{ItemMod, ItemUse, UseTree};

use crate::workspace::{files, root, text};

/// Maximum number of files that import each other in a circle.
const LARGEST_CIRCLE: usize = 9;

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
    for name in crate_names() {
        let modules = Modules::of(&name);
        for circle in tarjan_scc(&modules.imports()) {
            let names: Vec<_> = circle.iter().map(|module| modules.paths[*module].join("::")).collect();
            assert!(
                circle.len() <= LARGEST_CIRCLE,
                "{name}: {} files import each other: {names:?}",
                names.len()
            );
        }
    }
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
    texts: Vec<String>,
    by_path: BTreeMap<Vec<String>, usize>,
}

impl Modules {
    fn of(name: &str) -> Self {
        let base = PathBuf::from(format!("crates/{name}/src"));
        let found = sources(name);
        let paths: Vec<_> = found.iter().map(|path| module_path(path.strip_prefix(&base).unwrap())).collect();
        let by_path = paths.iter().cloned().enumerate().map(|(module, path)| (path, module)).collect();
        Self { texts: found.iter().map(text).collect(), paths, by_path }
    }

    /// The imports between the modules. An import of the crate's root counts for no circle: the root only lists.
    fn imports(&self) -> DiGraphMap<usize, ()> {
        let mut graph = DiGraphMap::new();
        for (module, text) in self.texts.iter().enumerate() {
            graph.add_node(module);
            for path in Names::imported_by(text).0 {
                if let Some(target) = self.target(module, &path).filter(|target| *target != module) {
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
        let shortest = if is_child { own.len() + 1 } else { 1 };
        let lengths = (shortest..=absolute.len()).rev();
        lengths.into_iter().find_map(|length| self.by_path.get(&absolute[..length]).copied())
    }
}

fn module_path(file: &Path) -> Vec<String> {
    let path = file.with_extension("");
    let parts: Vec<String> = path.iter().map(|part| part.to_str().unwrap().to_string()).collect();
    if ["lib", "main"].contains(&parts[0].as_str()) { Vec::new() } else { parts }
}

/// The paths that a file names outside its tests.
#[derive(Default)]
struct Names(Vec<Vec<String>>);

impl Names {
    fn imported_by(text: &str) -> Self {
        let mut names = Self::default();
        names.visit_file(&syn::parse_file(text).unwrap());
        names
    }

    fn contains(&self, first: &str, last: &str) -> bool {
        self.0.iter().any(|path| {
            path.first().is_some_and(|part| part == first) && path.iter().any(|part| part == last)
        })
    }

    fn add_tree(&mut self, tree: &UseTree, before: &[String]) {
        let with = |name: String| before.iter().cloned().chain([name]).collect::<Vec<_>>();
        match tree {
            UseTree::Path(path) => self.add_tree(&path.tree, &with(path.ident.to_string())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(tree, before)),
            UseTree::Name(name) => self.0.push(with(name.ident.to_string())),
            UseTree::Rename(name) => self.0.push(with(name.ident.to_string())),
            UseTree::Glob(_) => self.0.push(before.to_vec()),
        }
    }
}

impl<'a> Visit<'a> for Names {
    fn visit_item_use(&mut self, item: &'a ItemUse) {
        self.add_tree(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        if path.segments.len() > 1 {
            self.0.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    /// `pub(in crate::scenarios)` imports nothing.
    fn visit_visibility(&mut self, _: &'a syn::Visibility) {}

    fn visit_item_mod(&mut self, module: &'a ItemMod) {
        if module.ident != "tests" {
            visit::visit_item_mod(self, module);
        }
    }
}
