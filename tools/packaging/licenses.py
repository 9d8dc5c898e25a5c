"""The licenses of the dependencies that are linked into the binary, in one text."""

import re
from collections import defaultdict
from pathlib import Path

from product import copy_file

NAMES = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|UNLICENSE|COPYRIGHT)", re.IGNORECASE)
LINE = "=" * 100


def write(product, folder):
    product.licenses.write_text(text_of(product.dependencies))
    copy_file(product.licenses, folder / f"{product.name}-licenses.txt")


def text_of(dependencies):
    users = defaultdict(list)
    for package in dependencies:
        for text in texts(Path(package["manifest_path"]).parent):
            users[text].append(f"{package['name']} {package['version']}")
    parts = ["Kassa contains the following software. Each part has the license that is named beside it.\n\n"]
    parts += [f"{package['name']} {package['version']}: {package['license'] or 'see below'}"
              f" ({package['repository'] or 'no repository'})\n" for package in dependencies]
    parts += [f"\n{LINE}\n{', '.join(sorted(set(names)))}\n{LINE}\n\n{text}\n" for text, names in users.items()]
    return "".join(parts)


def texts(folder):
    """The texts of the license files of a crate, also those of the software that it contains."""
    paths = sorted(path for path in folder.rglob("*") if NAMES.match(path.name) and path.is_file())
    found = (path.read_text(errors="replace").strip() for path in paths if path.suffix in ("", ".txt", ".md"))
    return dict.fromkeys(text for text in found if text)
