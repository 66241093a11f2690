"""Report probable typos in mappings that may contain keys unknown to the chart.

Values that are passed to Kubernetes or JupyterHub unchanged (a probe, a service) may have keys
that the schema does not name. A key one letter away from a named one is probably a typo.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...chart.schema import chart_schema
from ...config.errors import Path, Problem
from ...config.suggestions import hint, is_typo
from ...config.values import Values

# shorter words resemble others by chance
SHORTEST = 3


def findings(values: Values) -> Iterator[Problem]:
    """Yield a warning for each such key, unless the key that it resembles is set as well."""
    for path, near in _typos((), values.given):
        yield values.problem(
            path,
            f"the chart does not know {path[-1]}, but it knows {near}",
            expected=near,
            hint=hint(near, path[:-1]),
            rule="unknown-key",
            severity="warning",
        )


def _typos(path: Path, node: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _typos((*path, str(index)), item)
    elif isinstance(node, dict):
        known = chart_schema().children(path)
        is_open = known and chart_schema().at(path).get("additionalProperties") is not False
        for name, item in node.items():
            near = _near(name, known.keys() - node.keys()) if is_open and name not in known else ""
            if near:
                yield (*path, name), near
            else:
                yield from _typos((*path, name), item)


def _near(name: str, known: set[str]) -> str:
    return next(
        (word for word in sorted(known) if len(word) >= SHORTEST and is_typo(name, word)), ""
    )
