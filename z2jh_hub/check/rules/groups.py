"""Report groups in `load_groups` that do not have the members that their entry names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...config.errors import Path, Problem
from ...config.keys import TEXTS
from ...config.suggestions import did_you_mean
from ...config.values import Values
from .. import queries

GROUPS: Path = ("hub", "config", "JupyterHub", "load_groups")
PARTS = ("users", "properties")


def findings(values: Values) -> Iterator[Problem]:
    """Yield groups, lists of members and properties of the wrong shape, and unknown keys."""
    for name, group in queries.mapping(values, GROUPS).items():
        path = (*GROUPS, str(name))
        if isinstance(group, dict):
            yield from _of_mapping(values, path, group)
        elif not TEXTS.accepts(group):
            yield values.problem(
                path, "invalid group", expected="a mapping such as {users: [alice]}",
                hint=f"write {{users: [{group}]}}" if isinstance(group, str) else "",
            )  # fmt: skip


def _of_mapping(values: Values, path: Path, group: dict[str, Any]) -> Iterator[Problem]:
    for key in group:
        if key not in PARTS:
            yield values.problem(
                (*path, str(key)), "JupyterHub does not read this key of a group",
                expected="users or properties", rule="unknown-key",
                hint=did_you_mean(str(key), PARTS)
                or f"the members of the group belong under {'.'.join((*path, 'users'))}",
            )  # fmt: skip
    users, properties = group.get("users"), group.get("properties")
    if "users" in group and not TEXTS.accepts(users):
        yield values.problem(
            (*path, "users"), "invalid members of a group", expected="a list of user names",
            hint=f"write a list: [{users}]" if isinstance(users, str) else "",
        )  # fmt: skip
    if properties is not None and not isinstance(properties, dict):
        yield values.problem((*path, "properties"), "invalid value", expected="a mapping")
