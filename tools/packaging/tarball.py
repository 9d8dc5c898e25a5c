"""The tarball: `cargo binstall` and people without a package manager take it."""

from archive import Archive
from product import ROOT


def pack(product, folder):
    name = product.name
    with Archive(folder / f"{name}.tar.gz", product.epoch) as archive:
        archive.add_folder(name)
        archive.add_file(product.binary, f"{name}/kassa", mode=0o755)
        archive.add_file(ROOT / "LICENSE", f"{name}/LICENSE")
        archive.add_file(product.licenses, f"{name}/{product.licenses.name}")
        archive.add_tree(product.completions, f"{name}/completions")
        archive.add_tree(product.manuals, f"{name}/man")
        for file in ("kassa.service", "kassa.toml"):
            archive.add_file(ROOT / "deploy" / file, f"{name}/{file}")
