"""What is packed: the binary, the files that go with it, and the dependencies that are linked in."""

import gzip
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUMMARY = "A self-hosted Hosted Payment Page, wire-compatible with Klarna's HPP API"


@dataclass(frozen=True)
class Machine:
    """The names that the ecosystems have for one kind of processor."""

    rust: str
    debian: str
    npm: str
    python: str


MACHINES = {
    "Advanced Micro Devices X86-64": Machine("x86_64", "amd64", "x64", "x86_64"),
    "AArch64": Machine("aarch64", "arm64", "arm64", "aarch64"),
}

COMPLETIONS = {"bash": "kassa", "zsh": "_kassa", "fish": "kassa.fish"}


@dataclass(frozen=True)
class Product:
    version: str
    machine: Machine
    #: Whether the binary needs no library of the system.
    is_static: bool
    #: The binary without symbols.
    binary: Path
    #: The folders with the completions and the manual pages.
    completions: Path
    manuals: Path
    #: The text with the licenses of the dependencies.
    licenses: Path
    #: A folder for temporary files.
    staging: Path
    #: The time of all files, in seconds since 1970.
    epoch: int
    #: The crates that are linked in, as `cargo metadata` describes them.
    dependencies: tuple

    @classmethod
    def read(cls, binary, staging):
        packages, version = linked_packages()
        stripped = staging / "kassa"
        run("strip", "--strip-all", "-o", stripped, binary)
        stripped.chmod(0o755)
        headers = run("readelf", "--file-header", "--program-headers", "--wide", stripped)
        return cls(
            version=version, machine=MACHINES[header(headers, "Machine")],
            is_static="INTERP" not in headers, binary=stripped, completions=write_completions(stripped, staging),
            manuals=write_manuals(stripped, staging),
            licenses=staging / "THIRD-PARTY-LICENSES.txt", staging=staging,
            epoch=int(os.environ["SOURCE_DATE_EPOCH"]), dependencies=tuple(packages),
        )

    @property
    def name(self):
        """The name with the version and the target, as Rust names it."""
        return f"kassa-{self.version}-{self.machine.rust}-unknown-linux-gnu"


def header(headers, name):
    """The value of one line of what readelf printed."""
    lines = (line.strip().partition(":") for line in headers.splitlines())
    return next(value.strip() for key, _, value in lines if key == name)


def run(*command, **options):
    """Runs a program that must succeed, and returns what it printed."""
    done = subprocess.run([str(word) for word in command], check=True, text=True, stdout=subprocess.PIPE, **options)
    return done.stdout


def write_completions(binary, staging):
    folder = staging / "completions"
    folder.mkdir()
    for shell, name in COMPLETIONS.items():
        (folder / name).write_text(run(binary, "completions", shell))
    return folder


def write_manuals(binary, staging):
    folder = staging / "man"
    run(binary, "man-pages", folder)
    for page in folder.iterdir():
        page.with_name(page.name + ".gz").write_bytes(gzip.compress(page.read_bytes(), mtime=0))
        page.unlink()
    return folder


def linked_packages():
    """Returns the packages that are linked into the binary, in order, and the version of Kassa."""
    host = run("rustc", "--print", "host-tuple").strip()
    text = run("cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", host, cwd=ROOT)
    metadata = json.loads(text)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    kassa = next(id for id, package in packages.items() if package["name"] == "kassa" and package["source"] is None)
    found, waiting = set(), [kassa]
    while waiting:
        id = waiting.pop()
        if id not in found:
            found.add(id)
            waiting += [used["pkg"] for used in nodes[id]["deps"] if is_linked(used, packages[used["pkg"]])]
    outside = [packages[id] for id in found if packages[id]["source"]]
    return sorted(outside, key=lambda package: (package["name"], package["version"])), packages[kassa]["version"]


def is_linked(used, package):
    """Whether the code of a dependency becomes part of the binary. Tests, build scripts and procedural macros, and the
    dependencies of these, only run on the machine that compiles."""
    is_macro = any("proc-macro" in target["kind"] for target in package["targets"])
    return not is_macro and any(kind["kind"] is None for kind in used["dep_kinds"])


def copy_file(source, target, mode=0o644):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)
