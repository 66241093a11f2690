"""Report names that the administrator may choose freely, but that resemble names that are read.

These are the keys of `custom`, which snippets read, and variables of the page templates.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from ...config.errors import Path, Problem
from ...config.suggestions import closest, hint, is_typo, letters
from ...config.values import Values
from .. import queries

_READ = re.compile(r"""["']custom\.([\w-]+)""")
_CLOSE = 0.85
# keys of `custom` that are keys of `hub`; under their exact names they are deprecated keys
OWN = ("quotas", "failures", "rescue")
# the pages of JupyterHub that can have their own announcement
PAGES = ("home", "login", "logout", "spawn")
VARIABLES = ("announcement", *(f"announcement_{page}" for page in PAGES))
OF_TEMPLATES: tuple[Path, ...] = (
    ("hub", "templateVars"),
    ("hub", "config", "JupyterHub", "template_vars"),
)


def findings(values: Values) -> Iterator[Problem]:
    """Yield a warning for each such name that nothing in the values mentions."""
    code = queries.code(values)
    custom = queries.mapping(values, "custom")
    for name in custom:
        wanted = sorted({*_READ.findall(code)} - custom.keys())
        if near := _near(name, wanted, code):
            yield _problem(values, ("custom", name), near, f"Python reads custom.{near}")
        elif near := _near(name, OWN, code):
            yield _problem(values, ("custom", name), f"hub.{near}", f"the hub reads hub.{near}")
    for path in OF_TEMPLATES:
        given = queries.mapping(values, path)
        for name in sorted(given.keys() - set(VARIABLES)):
            near = _near(name, [word for word in VARIABLES if word not in given], code)
            if near:
                yield _problem(values, (*path, name), near, f"JupyterHub's pages show {near}")


def _near(name: str, words: Collection[str], code: str) -> str:
    """Return the word that `name` misspells; empty if it is one, or the code mentions it."""
    if name in words or queries.mentions(code, name):
        return ""
    same = [word for word in words if letters(word) == letters(name) or is_typo(name, word)]
    return same[0] if same else closest(name, words, _CLOSE)


def _problem(values: Values, path: Path, near: str, why: str) -> Problem:
    return values.problem(
        path, f"nothing reads {path[-1]}, but {why}", expected=near, hint=hint(near),
        rule="unknown-key", severity="warning",
    )  # fmt: skip
