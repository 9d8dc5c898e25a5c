"""The npm packages: the test kit with the command `kassa`, and the binary for one platform."""

import json
import shutil

from product import MACHINES, ROOT, SUMMARY, copy_file, run


def pack(product, folder):
    for package in (stage_platform(product), stage_kit(product)):
        run("npm", "pack", "--silent", "--pack-destination", folder, cwd=package)


def platform(machine):
    return f"kassa-linux-{machine.npm}"


def stage_platform(product):
    name = platform(product.machine)
    folder = product.staging / "npm" / name
    copy_file(product.binary, folder / "bin/kassa", mode=0o755)
    copy_file(ROOT / "LICENSE", folder / "LICENSE")
    copy_file(product.licenses, folder / product.licenses.name)
    write_manifest(folder, {
        "name": name, "version": product.version, "description": f"{SUMMARY}: the binary for this platform",
        "license": "Apache-2.0", "os": ["linux"], "cpu": [product.machine.npm], "files": ["bin", product.licenses.name],
    })
    return folder


def stage_kit(product):
    source, folder = ROOT / "kits/node", product.staging / "npm/kassa"
    for part in ("bin", "lib"):
        shutil.copytree(source / part, folder / part)
    copy_file(source / "README.md", folder / "README.md")
    copy_file(ROOT / "LICENSE", folder / "LICENSE")
    manifest = json.loads((source / "package.json").read_text())
    # npm installs the one that fits the machine, and ignores the others.
    platforms = {platform(machine): product.version for machine in MACHINES.values()}
    write_manifest(folder, {**manifest, "version": product.version, "optionalDependencies": platforms})
    return folder


def write_manifest(folder, manifest):
    (folder / "package.json").write_text(json.dumps(manifest, indent=2) + "\n")
