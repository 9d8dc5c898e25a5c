"""How Sphinx makes the book of the documentation. `tools/book` runs it."""

import sys
import tomllib
from pathlib import Path

from pygments.lexers.rust import RustLexer

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))

from words import PAGE, IndexWords, words_of_pages

project = "Kassa"
release = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
language = "en"

extensions = ["myst_parser", "sphinx_external_toc"]
external_toc_path = str(HERE / "contents.yml")

# The pages of the book. Sphinx warns about a page that is in no chapter of contents.yml.
root_doc = "README"
include_patterns = ["*.md", "docs/**", "kits/*/*.md", "examples/*/*.md"]
exclude_patterns = [".git", "target", "**/node_modules"]

# The pages are Markdown as GitHub reads it, with GitHub's anchors, and without MyST's own syntax.
myst_disable_syntax = ["myst_block_break", "myst_line_comment", "myst_role", "myst_target"]
myst_heading_anchors = 6
smartquotes = False

# Examples of JSON contain "...", and not every language of a block has colours.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = f"Kassa {release}"
html_additional_pages = {"index": "index.html"}
templates_path = [str(HERE / "templates")]
html_static_path = [str(HERE / "static")]
html_css_files = ["book.css"]
html_favicon = str(ROOT / "crates/kassa-developer-page/assets/kassa.svg")
html_use_index = False
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False


def setup(app):
    app.add_lexer("rust,no_run", RustLexer)
    app.add_config_value("index_of_words", words_of_pages((ROOT / PAGE).read_text()), "env", dict)
    app.add_transform(IndexWords)
