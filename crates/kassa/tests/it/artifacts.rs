//! The artifacts of `tools/dist`. Each is installed into an empty environment, and a consumer buys something with it.
//! `contents.rs` checks what is in them. `./test` makes the artifacts, and names their folder in `KASSA_DIST`. Without
//! it, these tests check nothing, and the output of the run says so (`prerequisites.rs`).

mod contents;

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::prerequisites::{ARTIFACTS, UNSHARE};
use crate::workspace::root;

/// A purchase with the test kit for Python, and one with the kit for Node. `tools/first-purchase` runs them too.
const PYTHON_PURCHASE: &str = include_str!("../../../../kits/python/tests/purchase.py");
const NODE_PURCHASE: &str = include_str!("../../../../kits/node/tests/purchase.js");

/// The program of [`Environment::confined`]. The inner shell gets the path of the image as `$1`, so it does not
/// interpret the characters of the path.
const CONFINED: &str = r#"#!/bin/sh
exec unshare --mount sh -c '
root=$1 && shift && mkdir -p "$root/dev" && mount --rbind /dev "$root/dev" &&
exec chroot --userspec=65532:65532 "$root" /usr/bin/kassa "$@"
' confined "$(dirname "$0")/IMAGE" "$@"
"#;

/// The folder with the artifacts.
struct Artifacts(PathBuf);

impl Artifacts {
    /// `None` if `./test` did not make them.
    fn made() -> Option<Self> {
        ARTIFACTS.path().map(|folder| Self(folder.into()))
    }

    /// The path of the only artifact whose name has this start and this end.
    fn path(&self, start: &str, end: &str) -> PathBuf {
        let names = self.names();
        let mut fitting = names.iter().filter(|name| name.starts_with(start) && name.ends_with(end));
        let (Some(name), None) = (fitting.next(), fitting.next()) else {
            panic!("not one {start}...{end} among {names:?}")
        };
        self.0.join(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

#[test]
fn a_consumer_buys_with_the_wheel_in_an_empty_venv() {
    let Some(artifacts) = Artifacts::made() else { return };
    let empty = Environment::new();
    empty.run("python3", ["-m", "venv", "venv"]);
    let python = empty.path("venv/bin/python");
    let wheel = artifacts.path("kassa-", ".whl");
    let options = ["-m", "pip", "install", "--no-index", "--no-compile"].map(OsStr::new);
    empty.run(&python, options.into_iter().chain([wheel.as_os_str()]));
    assert_eq!(empty.run(&python, ["-c", PYTHON_PURCHASE]), "COMPLETED\n");
    assert_eq!(empty.run(empty.path("venv/bin/kassa"), ["--version"]), version_line());
}

#[test]
fn a_consumer_buys_with_the_npm_packages_in_an_empty_project() {
    let Some(artifacts) = Artifacts::made() else { return };
    let empty = Environment::new();
    std::fs::write(empty.path("package.json"), "{}").unwrap();
    let packages = [
        artifacts.path(&format!("kassa-{}", env!("CARGO_PKG_VERSION")), ".tgz"),
        artifacts.path("kassa-linux-", ".tgz"),
    ];
    let options = ["install", "--offline", "--no-audit", "--no-fund"].map(OsStr::new);
    empty.run("npm", options.into_iter().chain(packages.iter().map(|path| path.as_os_str())));
    assert_eq!(empty.run("node", ["-e", NODE_PURCHASE]), "COMPLETED\n");
    assert_eq!(empty.run(empty.path("node_modules/.bin/kassa"), ["--version"]), version_line());
}

#[test]
fn the_npm_command_says_that_the_binary_is_missing() {
    let Some(artifacts) = Artifacts::made() else { return };
    let empty = Environment::new();
    std::fs::write(empty.path("package.json"), "{}").unwrap();
    let package = artifacts.path(&format!("kassa-{}", env!("CARGO_PKG_VERSION")), ".tgz");
    let options = ["install", "--offline", "--no-audit", "--no-fund", "--omit=optional"].map(OsStr::new);
    empty.run("npm", options.into_iter().chain([package.as_os_str()]));
    let mut command = empty.command(empty.path("node_modules/.bin/kassa"));
    let output = command.arg("--version").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("kassa: The kassa binary was not found"), "{said}");
}

#[test]
fn a_consumer_buys_with_the_unpacked_debian_package() {
    let Some(artifacts) = Artifacts::made() else { return };
    let empty = Environment::new();
    let package = artifacts.path("kassa_", ".deb");
    empty.run("dpkg-deb", [OsStr::new("-x"), package.as_os_str(), OsStr::new(".")]);
    assert_eq!(empty.buy_with(&empty.path("usr/bin/kassa")), "COMPLETED\n");
}

#[test]
fn a_consumer_buys_with_the_unpacked_tarball() {
    let Some(artifacts) = Artifacts::made() else { return };
    let empty = Environment::new();
    let tarball = artifacts.path("kassa-", ".tar.gz");
    empty.run("tar", [OsStr::new("xf"), tarball.as_os_str()]);
    let folder = tarball.file_name().unwrap().to_str().unwrap().strip_suffix(".tar.gz").unwrap().to_string();
    assert_eq!(empty.buy_with(&empty.path(folder).join("kassa")), "COMPLETED\n");
}

#[test]
fn a_consumer_buys_with_the_unpacked_image() {
    let Some(artifacts) = Artifacts::made() else { return };
    let empty = Environment::new();
    let image = artifacts.path("kassa-", ".tar");
    empty.run("tar", [OsStr::new("xf"), image.as_os_str()]);
    let name = format!(".:{}", env!("CARGO_PKG_VERSION"));
    let rootless = if is_root() { &[][..] } else { &["--rootless"][..] };
    empty.run("umoci", [&["unpack", "--image", name.as_str()], rootless, &["bundle"]].concat());
    let root = empty.path("bundle/rootfs");
    let binary = root.join("usr/bin/kassa");
    let may_confine = UNSHARE.is_there() && is_static(&binary);
    let binary = if may_confine { empty.confined(&root) } else { binary };
    assert_eq!(empty.buy_with(&binary), "COMPLETED\n");
}

fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

/// Whether a binary runs without the libraries of a system.
fn is_static(binary: &Path) -> bool {
    let output = Command::new("readelf").args(["--program-headers", "--wide"]).arg(binary).output().unwrap();
    !String::from_utf8_lossy(&output.stdout).contains("INTERP")
}

fn version_line() -> String {
    format!("kassa {}\n", env!("CARGO_PKG_VERSION"))
}

/// A temporary folder, and programs in it that know nothing of another Kassa.
struct Environment(TempDir);

impl Environment {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    /// A command with an empty environment. No folder of its PATH contains a `kassa`.
    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let folders = std::env::var_os("PATH").unwrap();
        let others = std::env::split_paths(&folders).filter(|folder| !folder.join("kassa").exists());
        let mut command = Command::new(program);
        command.env_clear().env("PATH", std::env::join_paths(others).unwrap());
        command.env("HOME", self.0.path()).current_dir(self.0.path());
        command
    }

    /// Runs a program that must succeed. Returns what it printed.
    fn run(
        &self,
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> String {
        let output = self.command(program).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Buys something from this binary with the kit for Python. Returns the status of the page session.
    fn buy_with(&self, binary: &Path) -> String {
        let mut python = self.command("python3");
        python.env("PYTHONPATH", root().join("kits/python/src")).env("PYTHONDONTWRITEBYTECODE", "1");
        python.env("KASSA_BIN", binary).args(["-c", PYTHON_PURCHASE]);
        let output = python.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A program that runs the binary of an image with the image as its whole file system, as the image's user.
    fn confined(&self, root: &Path) -> PathBuf {
        let program = self.path("confined");
        let inside = root.strip_prefix(self.0.path()).unwrap();
        std::fs::write(&program, CONFINED.replace("IMAGE", inside.to_str().unwrap())).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        program
    }
}
