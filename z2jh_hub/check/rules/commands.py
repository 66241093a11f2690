"""Report commands that are written as one text, which names one program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...config.errors import Path, Problem
from ...config.values import Values
from .. import queries

KEYS: tuple[Path, ...] = (
    ("singleuser", "cmd"),
    ("hub", "config", "Spawner", "cmd"),
    ("hub", "config", "KubeSpawner", "cmd"),
)


def findings(values: Values) -> Iterator[Problem]:
    """Yield the commands of user servers that contain arguments."""
    for path in KEYS:
        yield from _command(values, path, values.get(path))
    for path, override, _ in queries.overrides(values):
        yield from _command(values, (*path, "cmd"), override.get("cmd"))


def _command(values: Values, path: Path, command: Any) -> Iterator[Problem]:
    words = command.split() if isinstance(command, str) else []
    if len(words) > 1:
        yield values.problem(
            path, "the whole text is taken as the name of a program, so no server starts",
            expected="a list", hint=f"write a list: [{', '.join(words)}]", rule="start-fails",
        )  # fmt: skip
