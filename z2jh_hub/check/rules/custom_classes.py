"""Mention the classes that only a package of a custom hub image can define."""

from __future__ import annotations

from collections.abc import Iterator

from ...config.errors import Problem
from ...config.values import Values
from .. import code, queries
from ..classes import Classes


def findings(values: Values) -> Iterator[Problem]:
    """Yield one note that names all of these classes, at the first of them."""
    known = Classes(values)
    places = [
        (name, values.problem(("hub", "config", name), "", given=name))
        for name, traits in queries.mapping(values, "hub.config").items()
        if isinstance(traits, dict) and name[:1].isupper()
    ]
    for piece in code.pieces(values):
        for setting in piece.settings():
            origin = piece.origin(setting.line)
            places.append((setting.class_name, Problem(piece.key, "", origin=origin)))
    custom: dict[str, Problem] = {}
    for name, place in places:
        if name not in known and not known.near(name):
            custom.setdefault(name, place)
    if not custom:
        return
    first = next(iter(custom.values()))
    names = list(custom)
    yield Problem(
        first.key,
        f"the hub image of this chart has no class {_listed(names)}, "
        "so these settings were not checked",
        hint="ignore this if your hub image or a service brings it; otherwise the settings have "
        "no effect",
        origin=first.origin,
        severity="note",
        rule="unknown-class",
    )  # fmt: skip


def _listed(names: list[str]) -> str:
    *some, last = names
    return f"{', '.join(some)} or {last}" if some else last
