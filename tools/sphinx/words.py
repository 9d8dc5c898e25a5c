"""The index of words: `docs/index-of-words.md` as data. The search of the book finds its pages first."""

import posixpath
import re
from collections import defaultdict

from docutils import nodes
from docutils.transforms import Transform
from sphinx import addnodes

PAGE = "docs/index-of-words.md"
LINK = re.compile(r"\]\(([^)#]*)(?:#([^)]*))?\)")


def read_words(text):
    """The rows of the index: each word, and its links as pairs of a file and an anchor."""
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")][2:]
    return [(row[0].strip(), LINK.findall(row[1])) for row in rows]


def sort_key(word):
    return re.sub(r"[^a-z0-9 ]", "", word.lower())


def words_of_pages(text):
    """The words of each page, by its name in Sphinx, with their anchors."""
    pages = defaultdict(list)
    for word, links in read_words(text):
        for file, anchor in links:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(PAGE), file))
            pages[path.removesuffix(".md")].append((word, anchor))
    return pages


class IndexWords(Transform):
    """Adds the words to the sections that the index links to, as entries of Sphinx's own index."""

    default_priority = 800

    def apply(self, **options):
        environment = self.document.settings.env
        sections = {section.get("slug"): section["ids"][0] for section in self.document.findall(nodes.section)}
        for word, anchor in environment.config.index_of_words.get(environment.docname, []):
            target = sections.get(anchor, "")
            self.document.append(addnodes.index(entries=[("single", word, target, "main", None)]))
