//! The kits have the same methods, and the page lists them.

use std::collections::BTreeSet;

use crate::workspace::text;

/// The heading of the list of methods.
const HEADING: &str = "### The methods of the test kits\n";

/// The ways in which a kit declares a public method, and methods that only this language needs.
struct Language {
    files: &'static [&'static str],
    declarations: &'static [&'static str],
    own: &'static [&'static str],
}

const PYTHON: Language = Language {
    files: &[
        "kits/python/src/kassa/process.py",
        "kits/python/src/kassa/merchant.py",
        "kits/python/src/kassa/page_session.py",
    ],
    declarations: &["    def "],
    own: &[],
};

const NODE: Language =
    Language { files: &["kits/node/lib/index.d.ts"], declarations: &["  static ", "  "], own: &[] };

const PHP: Language = Language {
    files: &["kits/php/src/Kassa.php", "kits/php/src/Merchant.php", "kits/php/src/PageSession.php"],
    declarations: &["    public static function ", "    public function "],
    own: &[],
};

/// Interfaces of JUnit and of Java require some methods.
const JAVA: Language = Language {
    files: &["kits/java/src/kassa/Kassa.java"],
    declarations: &["    public static Kassa ", "    public ", "        public "],
    own: &["close", "supportsParameter", "resolveParameter"],
};

#[test]
fn each_kit_has_the_methods_of_the_page_and_no_others() {
    let page = documented();
    assert!(page.len() > 25, "{page:?}");
    let in_camel_case: BTreeSet<String> = page.iter().map(|name| camel_case(name)).collect();
    assert_eq!(PYTHON.methods(), page);
    for (kit, language) in [("node", NODE), ("php", PHP), ("java", JAVA)] {
        assert_eq!(language.methods(), in_camel_case, "{kit}");
    }
}

/// The names in the first column of the page's table.
fn documented() -> BTreeSet<String> {
    let page = text("docs/testing.md");
    let (_, section) = page.split_once(HEADING).unwrap();
    let section = section.split("\n#").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    let names = cells.flat_map(|cell| cell.split('`').step_by(2).map(str::to_string).collect::<Vec<_>>());
    names.filter(|name| !name.is_empty()).collect()
}

impl Language {
    fn methods(&self) -> BTreeSet<String> {
        let source: String = self.files.iter().map(text).collect();
        let names = source.lines().filter_map(|line| self.declared(line));
        names.filter(|name| !self.own.contains(&name.as_str())).collect()
    }

    /// The public method that a line declares.
    fn declared(&self, line: &str) -> Option<String> {
        let rest = self.declarations.iter().find_map(|start| line.strip_prefix(start))?;
        let (before, _) = rest.split_once('(')?;
        let name = before.split(' ').next_back()?;
        let is_name = name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        let is_statement = before.contains('=') || before.contains('.') || before.contains("constructor");
        (is_name && !is_statement).then(|| name.to_string())
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_string();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(1);
        name + initial.to_uppercase().as_str() + rest
    })
}
