"""The Debian package."""

from product import COMPLETIONS, ROOT, SUMMARY, copy_file, run

SHELL_FOLDERS = {
    "bash": "usr/share/bash-completion/completions",
    "zsh": "usr/share/zsh/vendor-completions",
    "fish": "usr/share/fish/vendor_completions.d",
}


def pack(product, folder):
    root = product.staging / "debian"
    fill(product, root)
    control = root / "DEBIAN"
    control.mkdir()
    (control / "control").write_text(control_text(product, root))
    (control / "conffiles").write_text("/etc/kassa/kassa.toml\n")
    # zstd unpacks ten times faster than xz. Debian 12 and Ubuntu 22.04 read it.
    name = f"kassa_{product.version}_{product.machine.debian}.deb"
    run("dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--build", root, folder / name)


def fill(product, root):
    copy_file(product.binary, root / "usr/bin/kassa", mode=0o755)
    copy_file(ROOT / "deploy/kassa.service", root / "usr/lib/systemd/system/kassa.service")
    copy_file(ROOT / "deploy/kassa.toml", root / "etc/kassa/kassa.toml")
    copy_file(product.licenses, root / "usr/share/doc/kassa" / product.licenses.name)
    copyright = f"Kassa is under the Apache License 2.0. {product.licenses.name} has the licenses of its parts.\n\n"
    (root / "usr/share/doc/kassa/copyright").write_text(copyright + (ROOT / "LICENSE").read_text())
    for shell, place in SHELL_FOLDERS.items():
        copy_file(product.completions / COMPLETIONS[shell], root / place / COMPLETIONS[shell])
    for page in sorted(product.manuals.iterdir()):
        copy_file(page, root / "usr/share/man/man1" / page.name)


def control_text(product, root):
    kilobytes = sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) // 1024
    depends = "" if product.is_static else "Depends: libc6, libgcc-s1\n"
    return (
        f"Package: kassa\nVersion: {product.version}\nArchitecture: {product.machine.debian}\n"
        f"Maintainer: The maintainers of Kassa <maintainers@kassa.invalid>\nInstalled-Size: {kilobytes}\n{depends}"
        f"Section: web\nPriority: optional\nDescription: {SUMMARY}\n"
        " `kassa dev` runs an offline sandbox for Klarna's HPP, Payments and Order\n"
        " Management APIs. `kassa serve` runs a production node.\n"
    )
