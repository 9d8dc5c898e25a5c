"""Checks what Sphinx does not: the index of words is sorted, and the pages of the book load nothing from other hosts.

    check.py FOLDER      the folder of the book
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

from words import PAGE, read_words, sort_key

ROOT = Path(__file__).resolve().parents[2]

# The elements and attributes with which a page loads something. A link loads nothing until it is followed.
LOADING = {"audio": ["src"], "embed": ["src"], "iframe": ["src"], "img": ["src", "srcset"], "link": ["href"],
           "object": ["data"], "script": ["src"], "source": ["src", "srcset"], "video": ["src", "poster"]}
OTHER_HOST = re.compile(r"^\s*(https?:)?//")


def check_words(text):
    """The faults of the order and the links of the index of words."""
    rows = read_words(text)
    words = [word for word, _ in rows]
    faults = [f"{PAGE}: {after!r} does not belong after {before!r}" for before, after in zip(words, words[1:])
              if sort_key(before) >= sort_key(after)]
    faults += [f"{PAGE}: {word!r} has no link" for word, links in rows if not links]
    return faults if rows else [f"{PAGE}: no words"]


class Loads(HTMLParser):
    """Collects the addresses that a page loads."""

    def __init__(self):
        super().__init__()
        self.addresses = []

    def handle_starttag(self, tag, attributes):
        self.addresses += [value for name, value in attributes if value and name in LOADING.get(tag, [])]


def check_loads(book):
    """The addresses of other hosts that pages and style sheets of the book load."""
    faults = []
    for path in sorted(book.rglob("*")):
        if path.suffix == ".html":
            page = Loads()
            page.feed(path.read_text())
            loads = page.addresses
        elif path.suffix == ".css":
            loads = re.findall(r"""(?:url\(\s*|@import\s+)["']?([^"')\s]+)""", path.read_text())
        else:
            continue
        faults += [f"{path.relative_to(book)} loads {address}" for address in loads if OTHER_HOST.match(address)]
    return faults


def main(folder):
    book = Path(folder)
    if not (book / "index.html").exists():
        sys.exit(f"there is no book in {book}")
    faults = check_words((ROOT / PAGE).read_text()) + check_loads(book)
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main(*sys.argv[1:])
