"""Sphinx extension: the links that GitHub resolves, in the site.

- a link to a folder of docs/ leads to the page that lists it
- a link to a file outside of docs/ leads to the repository, or becomes text if it is not known
- the tables of README.md, which lists every page by task, become part of the first page
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDERS = {
    "reference": "reference.md",
    "rules": "rules.md",
    "decisions": "contributing.md",
}
LINK = re.compile(r"\[([^\]\n]*)\]\(([^)\s:#]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)
TABLES = "<!-- the tables of README.md -->"


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("repository_url", "", "env")
    app.add_config_value("repository_ref", "main", "env")
    app.connect("source-read", _rewrite)
    return {"parallel_read_safe": True, "version": "1"}


def _rewrite(app: Sphinx, docname: str, content: list[str]) -> None:
    text = content[0]
    if TABLES in text:
        readme = (Path(app.srcdir) / "README.md").read_text("utf-8")
        text = text.replace(TABLES, readme[readme.index("\n## ") :])
        app.env.note_dependency(str(Path(app.srcdir) / "README.md"))
    folder = posixpath.dirname(docname)
    base = (
        app.config.repository_url
        and f"{app.config.repository_url}/blob/{app.config.repository_ref}"
    )
    parts = FENCE.split(text)
    parts[::2] = [LINK.sub(lambda link: _link(link, folder, base), part) for part in parts[::2]]
    content[0] = "".join(parts)


def _link(link: re.Match[str], folder: str, base: str) -> str:
    label, target, anchor = link[1], link[2], link[3] or ""
    path = posixpath.normpath(posixpath.join(folder, target))
    if path in FOLDERS:
        return f"[{label}]({posixpath.relpath(FOLDERS[path], folder or '.')}{anchor})"
    if not path.startswith("../"):
        return link[0]
    return f"[{label}]({base}/{path.removeprefix('../')}{anchor})" if base else label
