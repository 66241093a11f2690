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
LISTS: tuple[Path, ...] = (
    *KEYS,
    ("singleuser", "lifecycleHooks", "postStart", "exec", "command"),
    ("singleuser", "lifecycleHooks", "preStop", "exec", "command"),
)


def findings(values: Values) -> Iterator[Problem]:
    """Yield the commands of user servers that contain arguments."""
    for path in KEYS:
        yield from _command(values, path, values.get(path))
    for path in LISTS:
        yield from _single(values, path, values.get(path))
    for pod, path, container in queries.containers(values):
        yield from _single(values, (*path, "command"), container.get("command"), pod)
    for path, override, _ in queries.overrides(values):
        yield from _command(values, (*path, "cmd"), override.get("cmd"))


def _single(values: Values, path: Path, command: Any, pod: str = "") -> Iterator[Problem]:
    """Report a list whose only item is a command with arguments."""
    words = command[0].split() if _is_line(command) else []
    if words:
        effect = "the pod does not start" if pod else "no server starts"
        yield values.problem(
            (*path, "0"), f"the whole text is taken as the name of a program, so {effect}",
            expected="one item for each word, or a shell",
            hint=f"write [sh, -c, {command[0]!r}]", rule="start-fails",
        )  # fmt: skip


def _is_line(command: Any) -> bool:
    return (
        isinstance(command, list)
        and len(command) == 1
        and isinstance(command[0], str)
        and len(command[0].split()) > 1
        and "{" not in command[0]
    )


def _command(values: Values, path: Path, command: Any) -> Iterator[Problem]:
    words = command.split() if isinstance(command, str) else []
    if len(words) > 1:
        yield values.problem(
            path, "the whole text is taken as the name of a program, so no server starts",
            expected="a list", hint=f"write a list: [{', '.join(words)}]", rule="start-fails",
        )  # fmt: skip
