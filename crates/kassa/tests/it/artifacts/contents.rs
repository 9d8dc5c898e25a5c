//! The contents of the artifacts: one version, the files that a package needs, the dependencies and their licenses.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::{Artifacts, Environment};
use crate::prerequisites::SKOPEO;
use crate::workspace::{root, text};

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[test]
fn the_checksums_are_those_of_all_other_files() {
    let Some(artifacts) = Artifacts::made() else { return };
    let mut command = Command::new("sha256sum");
    let output =
        command.args(["--check", "--strict", "SHA256SUMS"]).current_dir(&artifacts.0).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    let checked: BTreeSet<String> =
        said.lines().map(|line| line.trim_end_matches(": OK").to_string()).collect();
    let others = artifacts.names().into_iter().filter(|name| name != "SHA256SUMS").collect();
    assert_eq!(checked, others);
    assert_eq!(checked.len(), 8);
}

#[test]
fn every_artifact_has_the_version_of_the_workspace() {
    let Some(artifacts) = Artifacts::made() else { return };
    for name in artifacts.names().iter().filter(|name| *name != "SHA256SUMS") {
        assert!(name.contains(VERSION), "{name}");
    }
    for kit in ["kits/node/package.json", "kits/php/composer.json", "kits/python/pyproject.toml"] {
        assert!(!text(kit).contains(VERSION), "{kit} repeats the version");
    }
}

#[test]
fn packing_again_gives_the_same_bytes() {
    let Some(artifacts) = Artifacts::made() else { return };
    let again = TempDir::new().unwrap();
    let mut dist = Command::new(root().join("tools/dist"));
    if std::env::var_os("KASSA_LONG_PROOFS").is_none() {
        dist.args(["--binary", env!("CARGO_BIN_EXE_kassa")]);
    }
    let output = dist.arg(again.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let sums = |folder: &std::path::Path| std::fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    assert_eq!(sums(again.path()), sums(&artifacts.0));
}

#[test]
fn the_bill_of_materials_and_the_licenses_name_each_crate() {
    let Some(artifacts) = Artifacts::made() else { return };
    let bill = std::fs::read_to_string(artifacts.path("kassa-", ".cdx.json")).unwrap();
    let bill: Value = serde_json::from_str(&bill).unwrap();
    let licenses = std::fs::read_to_string(artifacts.path("kassa-", "-licenses.txt")).unwrap();
    assert_eq!(bill["metadata"]["component"]["version"], VERSION);
    let crates = bill["components"].as_array().unwrap();
    let names: BTreeSet<&str> = crates.iter().map(|one| one["name"].as_str().unwrap()).collect();
    for name in ["axum", "rusqlite", "rustls", "tokio"] {
        assert!(names.contains(name), "{name} is linked in");
    }
    for name in ["thirtyfour", "proptest", "insta"] {
        assert!(!names.contains(name), "{name} is only used in tests");
    }
    for name in ["cc", "serde_derive", "syn", "proc-macro2", "thiserror-impl"] {
        assert!(!names.contains(name), "{name} only runs while Kassa is compiled");
    }
    for one in crates {
        let line = format!("\n{} {}: ", one["name"].as_str().unwrap(), one["version"].as_str().unwrap());
        assert!(licenses.contains(&line), "{line}");
        assert!(one["licenses"][0].is_object(), "{line}has no license");
    }
    assert!(licenses.contains("Permission is hereby granted, free of charge"));
}

#[test]
fn the_debian_package_has_what_a_package_needs() {
    let Some(artifacts) = Artifacts::made() else { return };
    let empty = Environment::new();
    let package = artifacts.path("kassa_", ".deb");
    let field = |name: &str| empty.run("dpkg-deb", [OsStr::new("-f"), package.as_os_str(), OsStr::new(name)]);
    assert_eq!(field("Package"), "kassa\n");
    assert_eq!(field("Version"), format!("{VERSION}\n"));
    empty.run("dpkg-deb", [OsStr::new("-R"), package.as_os_str(), OsStr::new("all")]);
    for file in [
        "DEBIAN/conffiles",
        "etc/kassa/kassa.toml",
        "usr/lib/systemd/system/kassa.service",
        "usr/share/bash-completion/completions/kassa",
        "usr/share/doc/kassa/copyright",
        "usr/share/man/man1/kassa-dev.1.gz",
        "usr/share/zsh/vendor-completions/_kassa",
    ] {
        assert!(empty.path("all").join(file).exists(), "{file}");
    }
    let page = empty.run("zcat", [empty.path("all/usr/share/man/man1/kassa-dev.1.gz")]);
    assert!(page.contains("stop\\-when\\-stdin\\-closes"), "{page}");
    let unit = std::fs::read_to_string(empty.path("all/usr/lib/systemd/system/kassa.service")).unwrap();
    assert!(unit.contains("\nExecStart=/usr/bin/kassa serve --config /etc/kassa/kassa.toml\n"));
}

#[test]
fn the_image_has_the_settings_of_the_dockerfile() {
    let Some(artifacts) = Artifacts::made() else { return };
    let empty = Environment::new();
    let image = format!("oci-archive:{}", artifacts.path("kassa-", ".tar").display());
    if !SKOPEO.is_there() {
        return;
    }
    let settings = empty.run("skopeo", ["inspect", "--config", &image]);
    let settings: Value = serde_json::from_str(&settings).unwrap();
    let dockerfile = text("Dockerfile");
    let written = |instruction: &str| {
        let lines: Vec<&str> =
            dockerfile.lines().filter_map(|line| line.strip_prefix(instruction)).map(str::trim).collect();
        lines.last().unwrap_or_else(|| panic!("no {instruction}")).to_string()
    };
    let list = |name: &str| settings["config"][name].to_string();
    assert_eq!(list("Entrypoint"), written("ENTRYPOINT "));
    assert_eq!(list("Cmd"), written("CMD ").replace(", ", ","));
    assert_eq!(settings["config"]["User"], written("USER "));
    let keys = |name: &str| {
        let names: Vec<&String> = settings["config"][name].as_object().unwrap().keys().collect();
        names.into_iter().map(|name| name.trim_end_matches("/tcp").to_string()).collect::<BTreeSet<_>>()
    };
    assert_eq!(keys("Volumes"), BTreeSet::from([written("VOLUME ")]));
    assert_eq!(keys("ExposedPorts"), written("EXPOSE ").split(' ').map(str::to_string).collect());
}

#[test]
fn the_tarball_has_the_name_that_cargo_binstall_looks_for() {
    let Some(artifacts) = Artifacts::made() else { return };
    let manifest: toml::Table = text("crates/kassa/Cargo.toml").parse().unwrap();
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let word = |name: &str| {
        let template = binstall[name].as_str().unwrap().replace("{ version }", VERSION);
        template.replace("{ target-arch }", std::env::consts::ARCH).replace("{ bin }", "kassa")
    };
    let tarball = artifacts.path("kassa-", ".tar.gz");
    assert_eq!(word("pkg-url").rsplit('/').next().unwrap(), tarball.file_name().unwrap());
    let names = Environment::new().run("tar", [OsStr::new("tf"), tarball.as_os_str()]);
    assert!(names.lines().any(|name| name == word("bin-dir")), "{names}");
}

#[test]
fn the_release_workflow_packs_with_the_tool() {
    let workflow: Value = serde_saphyr::from_str(&text(".github/workflows/release.yml")).unwrap();
    let steps = workflow["jobs"]["pack"]["steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["run"] == "tools/dist dist"), "{steps:?}");
    assert_eq!(workflow["on"]["push"]["tags"][0], "v*");
}
