"""Configuration of the documentation site: `make docs` builds it, `make docs-live` serves it."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))
VERSION_FILE = HERE.parent / "z2jh_hub" / "__init__.py"

project = "z2jh-hub"
author = copyright = "the z2jh-hub contributors"
release = re.findall(r'__version__ = "(.+)"', VERSION_FILE.read_text("utf-8"))[0]
version = release

extensions = ["myst_parser", "sphinx_reredirects", "repository_links"]
root_doc = "index"
# the folder's page on a code host; `repository_links` puts its tables into the site's first page
exclude_patterns = ["README.md", "_*"]
highlight_language = "none"
suppress_warnings = [
    "myst.header",  # reference pages start their headings at any level
    "misc.highlighting_failure",  # examples of mistakes
]
nitpicky = True

myst_heading_anchors = 4
myst_enable_extensions = ["deflist", "fieldlist"]
myst_links_external_new_tab = False

# where the repository is, for links to files outside of docs/; set by the workflow that publishes
repository_url = os.environ.get("DOCS_REPOSITORY_URL", "")
repository_ref = os.environ.get("DOCS_REPOSITORY_REF", "main")

# moved pages: old path without suffix → new path, relative to the old page
redirects: dict[str, str] = {
    "README": "index.html",
    "rules/index": "../rules.html",
    "decisions/index": "../contributing.html",
}

html_theme = "pydata_sphinx_theme"
html_title = "z2jh-hub"
html_baseurl = os.environ.get("DOCS_URL", "")
html_static_path = ["_static"]
html_show_sourcelink = False
html_theme_options = {
    "navigation_with_keys": False,
    "header_links_before_dropdown": 6,
    "show_nav_level": 1,
    "navbar_align": "left",
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
}
if repository_url:
    html_theme_options["icon_links"] = [
        {"name": "Repository", "url": repository_url, "icon": "fa-solid fa-code-branch"}
    ]
if versions := os.environ.get(
    "DOCS_VERSIONS_URL"
):  # the list of published versions, for the switch
    html_theme_options |= {
        "switcher": {"json_url": versions, "version_match": release},
        "navbar_end": ["version-switcher", "theme-switcher", "navbar-icon-links"],
        "check_switcher": False,
    }

# `make docs-links`: pages that need a log-in, or that refuse robots
linkcheck_ignore = [
    r"https://(.+\.)?example\.(org|com|edu)",
    r"https://hub\.example",
    r"http://localhost",
    r"https://HUB",
]
linkcheck_anchors = False
linkcheck_timeout = 20
linkcheck_retries = 2
