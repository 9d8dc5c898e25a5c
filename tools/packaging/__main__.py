"""Packs a binary of Kassa: python tools/packaging BINARY FOLDER. Called by tools/dist."""

import hashlib
import sys
import tempfile
from pathlib import Path

import debian
import image
import licenses
import npm
import sbom
import tarball
import wheel
from product import Product


def main(binary, folder):
    with tempfile.TemporaryDirectory() as staging:
        product = Product.read(Path(binary), Path(staging))
        # Files of another version must not be among the checksums.
        for earlier in artifacts(folder):
            earlier.unlink()
        licenses.write(product, folder)
        sbom.write(product, folder)
        for kind in (tarball, debian, wheel, npm, image):
            kind.pack(product, folder)
    write_checksums(folder)


def artifacts(folder):
    return sorted(path for path in folder.glob("kassa[-_]*") if path.is_file())


def write_checksums(folder):
    """Writes the file that `sha256sum --check` reads."""
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in artifacts(folder)]
    (folder / "SHA256SUMS").write_text("".join(lines))


main(sys.argv[1], Path(sys.argv[2]))
