"""Keys that are nearly one that the schema names, where it lets others stand beside it.

What goes on to Kubernetes or JupyterHub as it is (a probe, a service) may have keys that the
chart does not name. One slip of the fingers from one that it names is hardly meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...chart.schema import chart_schema
from ...config.errors import Path, Problem
from ...config.suggestions import hint, is_typo
from ...config.values import Values

# shorter words are near to others by chance
SHORTEST = 3


def findings(values: Values) -> Iterator[Problem]:
    """A warning for each such key, unless the one that it is near to is there too."""
    for path, near in _found((), values.given):
        yield values.problem(
            path,
            f"the chart knows no {path[-1]}, but {near}",
            expected=near,
            hint=hint(near, path[:-1]),
            rule="unknown-key",
            severity="warning",
        )


def _found(path: Path, node: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _found((*path, str(index)), item)
    elif isinstance(node, dict):
        known = chart_schema().children(path)
        is_open = known and chart_schema().at(path).get("additionalProperties") is not False
        for name, item in node.items():
            near = _near(name, known.keys() - node.keys()) if is_open and name not in known else ""
            if near:
                yield (*path, name), near
            else:
                yield from _found((*path, name), item)


def _near(name: str, known: set[str]) -> str:
    return next(
        (word for word in sorted(known) if len(word) >= SHORTEST and is_typo(name, word)), ""
    )
