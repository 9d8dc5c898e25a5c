//! The test kits for Python, Node, PHP and Java. Each runs its own tests and the example of its README with the command
//! under test. `methods.rs` compares the names of their methods. `./test` installs the test runners. Without a runner,
//! the test of its kit checks nothing, and the output of the run says so (`prerequisites.rs`).

mod methods;

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::prerequisites::{JACKSON, JAVA_KIT, JUNIT, NODE_KIT, PHP_KIT, PYTHON_KIT};
use crate::workspace::{files, root, text};

/// The maximum number of lines with code of an example.
const LONGEST_EXAMPLE: usize = 20;

/// Debian's folder of Java libraries, and the libraries that the kit and its tests need.
const JAVA_FOLDER: &str = "/usr/share/java";
const JAVA_LIBRARIES: [&str; 14] = [
    "apiguardian-api",
    "jackson-annotations",
    "jackson-core",
    "jackson-databind",
    "junit-jupiter-api",
    "junit-jupiter-engine",
    "junit-jupiter-params",
    "junit-platform-commons",
    "junit-platform-console",
    "junit-platform-engine",
    "junit-platform-launcher",
    "junit-platform-reporting",
    "opentest4j",
    "picocli",
];

/// The examples: the kit, and the fence in its README.
const EXAMPLES: [(&str, &str); 5] = [
    ("python", "python test_purchase.py"),
    ("node", "js purchase.test.mjs"),
    ("node", "ts purchase.spec.ts"),
    ("php", "php PurchaseTest.php"),
    ("java", "java PurchaseTest.java"),
];

#[test]
fn the_python_kit_passes_under_pytest() {
    let Some(python) = PYTHON_KIT.path() else { return };
    let folder = folder_with("kits/python", &["tests"]);
    write_example(&folder, "python test_purchase.py");
    let mut pytest = Command::new(python);
    pytest.args(["-W", "error", "-m", "pytest", "-p", "kassa.pytest_plugin", "-p", "no:cacheprovider", "."]);
    pytest.env("PYTHONPATH", root().join("kits/python/src")).env("PYTHONDONTWRITEBYTECODE", "1");
    assert!(said_by(&mut pytest, &folder).contains("32 passed"));
}

#[test]
fn the_node_kit_passes_under_node_test() {
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=tap"]).arg(root().join("kits/node/tests/kit.test.mjs"));
    assert!(said_by(&mut node, &TempDir::new().unwrap()).contains("# pass 26"));
}

#[test]
fn the_node_kit_works_with_each_test_runner() {
    let Some(runners) = NODE_KIT.path() else { return };
    let folder = project_beside(&runners);
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new("node");
        command.arg(Path::new(&runners).join("node_modules").join(program)).args(arguments);
        said_by(command.env("CHROMIUM", "/usr/bin/chromium").env("CI", "1"), &folder)
    };
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=tap", "purchase.test.mjs"]);
    assert!(said_by(&mut node, &folder).contains("# pass 5"));
    assert!(run("vitest/vitest.mjs", &["run", "vitest.test.mjs"]).contains("1 passed"));
    assert!(run("jest/bin/jest.js", &["jest.test.js"]).contains("1 passed"));
    assert!(run("@playwright/test/cli.js", &["test", "purchase.spec.ts"]).contains("1 passed"));
}

#[test]
fn the_types_of_the_node_kit_fit() {
    let Some(runners) = NODE_KIT.path() else { return };
    let folder = project_beside(&runners);
    let mut compiler = Command::new("node");
    compiler.arg(Path::new(&runners).join("node_modules/typescript/bin/tsc"));
    compiler.args(["--noEmit", "--strict", "--module", "nodenext", "--types", "node"]);
    said_by(compiler.args(["types.ts", "purchase.spec.ts"]), &folder);
}

#[test]
fn the_php_kit_passes_under_phpunit() {
    if !PHP_KIT.is_there() {
        return;
    }
    let folder = folder_with("kits/php", &["src", "tests"]);
    write_example(&folder, "php PurchaseTest.php");
    let mut phpunit = Command::new("phpunit");
    phpunit.args(["--do-not-cache-result", "--fail-on-warning", "--bootstrap", "tests/bootstrap.php", "."]);
    assert!(said_by(&mut phpunit, &folder).contains("OK (29 tests"));
}

#[test]
fn the_java_kit_passes_under_junit() {
    if !(JAVA_KIT.is_there() && JUNIT.is_there() && JACKSON.is_there()) {
        return;
    }
    let folder = folder_with("kits/java", &["src/kassa", "tests"]);
    write_example(&folder, "java PurchaseTest.java");
    let libraries = JAVA_LIBRARIES.map(|name| format!("{JAVA_FOLDER}/{name}.jar")).join(":");
    let tests =
        ["tests/AnswerTest.java", "tests/FindBinaryTest.java", "tests/KitTest.java", "tests/StartTest.java"];
    let kit = ["src/kassa/Kassa.java", "src/kassa/KassaExtension.java", "PurchaseTest.java"];
    compile(&folder, &libraries, &[&tests[..], &kit[..]].concat());
    let mut console = Command::new("java");
    console.args(["-cp", &format!("classes:{libraries}"), "org.junit.platform.console.ConsoleLauncher"]);
    console.args(["--scan-classpath", "classes", "--disable-banner", "--details=tree"]);
    assert!(said_by(&mut console, &folder).contains("36 tests successful"));
}

#[test]
fn the_java_kit_works_without_junit() {
    if !(JAVA_KIT.is_there() && JACKSON.is_there()) {
        return;
    }
    let folder = folder_with("kits/java", &["src/kassa"]);
    std::fs::rename(folder.path().join("src/kassa"), folder.path().join("kassa")).unwrap();
    let readme = text("kits/java/README.md");
    std::fs::write(folder.path().join("Purchase.java"), example(&readme, "java Purchase.java")).unwrap();
    let (_, section) = readme.split_once("## Without JUnit\n").unwrap();
    let mut shell = Command::new("bash");
    shell.args(["-euc", &example(section, "sh")]);
    assert_eq!(said_by(&mut shell, &folder), "COMPLETED\n");
}

/// Compiles files of Java into the folder `classes`. A warning is an error.
fn compile(folder: &TempDir, libraries: &str, files: &[&str]) {
    let mut compiler = Command::new("javac");
    compiler.args(["--release", "11", "-Xlint:all,-path,-serial", "-Werror", "-d", "classes"]);
    said_by(compiler.args(["-cp", libraries]).args(files), folder);
}

#[test]
fn each_example_is_short_and_equals_the_one_of_the_page() {
    for (kit, fence) in EXAMPLES {
        let example = example(&text(format!("kits/{kit}/README.md")), fence);
        let lines = example.lines().filter(|line| !line.trim().is_empty()).count();
        assert!(lines < LONGEST_EXAMPLE, "{kit}: {fence} has {lines} lines");
        let shown = format!("```{fence}\n{example}```\n");
        assert!(text("docs/testing.md").contains(&shown), "docs/testing.md does not show {kit}'s {fence}");
    }
}

/// A temporary folder with the files of these folders of a kit.
fn folder_with(kit: &str, folders: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for part in folders {
        copy_files(&format!("{kit}/{part}"), &folder.path().join(part));
    }
    folder
}

/// A folder of a project of Node that has the kit, and finds the test runners in the folder above it.
fn project_beside(runners: &OsString) -> TempDir {
    let folder = TempDir::new_in(runners).unwrap();
    copy_files("kits/node/tests/runners", folder.path());
    // It would end the search for packages of the test runners.
    std::fs::remove_file(folder.path().join("package.json")).unwrap();
    let kit = folder.path().join("node_modules/kassa");
    for part in ["bin", "lib"] {
        copy_files(&format!("kits/node/{part}"), &kit.join(part));
    }
    std::fs::copy(root().join("kits/node/package.json"), kit.join("package.json")).unwrap();
    write_example(&folder, "js purchase.test.mjs");
    write_example(&folder, "ts purchase.spec.ts");
    folder
}

/// Copies the files of a folder of the tree, without those of the folders in it.
fn copy_files(folder: &str, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    let endings = ["py", "js", "mjs", "ts", "json", "php", "java"];
    for path in files(&[folder], &endings).iter().filter(|path| path.parent() == Some(Path::new(folder))) {
        std::fs::copy(root().join(path), to.join(path.file_name().unwrap())).unwrap();
    }
}

/// Writes the example of a kit's README into a folder.
fn write_example(folder: &TempDir, fence: &str) {
    let (kit, _) = EXAMPLES.iter().find(|(_, known)| *known == fence).unwrap();
    let example = example(&text(format!("kits/{kit}/README.md")), fence);
    let (_, file) = fence.split_once(' ').unwrap();
    std::fs::write(folder.path().join(file), example).unwrap();
}

fn example(page: &str, fence: &str) -> String {
    let (_, rest) = page.split_once(&format!("```{fence}\n")).unwrap_or_else(|| panic!("no {fence}"));
    rest.split_once("```\n").unwrap().0.to_string()
}

/// Runs a command of a test runner with the command under test. It must succeed. Returns what it said.
fn said_by(command: &mut Command, folder: &TempDir) -> String {
    command.env("KASSA_BIN", env!("CARGO_BIN_EXE_kassa")).env_remove("KASSA_URL").current_dir(folder.path());
    let Output { status, stdout, stderr } = command.output().unwrap();
    let said = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
    assert!(status.success(), "{said}");
    println!("{said}");
    said
}
