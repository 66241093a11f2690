"""Python code that seems to need a permission that the chart does not give by itself.

The chart does not search code to decide on permissions. Here a search is only a hint: it finds
names, and misses code that is written in another way or is in the image.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...config.errors import Path, Problem
from ...config.snippets import snippets
from ...config.values import Values
from .. import queries


@dataclass(frozen=True)
class Permission:
    """A permission of the hub: the key that grants it, the traits in `hub.config` that do so too,
    names in code that hint at it (for Go's templates as well), and what it allows."""

    key: str
    traits: tuple[str, ...]
    pattern: str
    allows: str


# tools/chart_tables.py writes them for the templates
PERMISSIONS = (
    Permission(
        "rbac.hub.deleteClaims",
        ("delete_pvc",),
        r"\b(delete_pvc|delete_(collection_)?namespaced_persistent_volume_claim)\b",
        "delete PVCs",
    ),
    Permission(
        "rbac.hub.manageSecrets",
        ("internal_ssl", "services_enabled"),
        r"\b(internal_ssl|services_enabled|[a-z_]+_namespaced_(secret|service))\b",
        "manage Secrets and Services",
    ),
)


def findings(values: Values) -> Iterator[Problem]:
    """Yield a warning for each permission that code seems to need."""
    if values.get("rbac.create") is not False:
        for path, code in _code(values):
            yield from _permissions(values, path, code)


def _code(values: Values) -> Iterator[tuple[Path, str]]:
    """The Python code in the values, without its comments."""
    for snippet in snippets(values):
        if snippet.path:
            yield snippet.path, _without_comments(snippet.text)
    for name, file in queries.mapping(values, "hub.extraFiles").items():
        text = file.get("stringData") if isinstance(file, dict) else None
        if isinstance(text, str) and str(file.get("mountPath")).endswith(".py"):
            yield ("hub", "extraFiles", name, "stringData"), _without_comments(text)


def _without_comments(text: str) -> str:
    try:
        return ast.unparse(ast.parse(text))
    except (SyntaxError, ValueError):
        return ""  # another rule reports it


def _permissions(values: Values, path: Path, code: str) -> Iterator[Problem]:
    for permission in PERMISSIONS:
        name = re.search(permission.pattern, code)
        if not name or values.get(permission.key) is not None or _granted(values, permission):
            continue
        yield values.problem(
            path,
            f"this code names {name[0]}, but the hub has no permission to {permission.allows}",
            given=name[0],
            expected=f"{permission.key}: true if the code needs it, else false",
            severity="warning",
            rule="code-permission",
        )


def _granted(values: Values, permission: Permission) -> bool:
    classes = queries.mapping(values, "hub.config").values()
    traits = [traits for traits in classes if isinstance(traits, dict)]
    return any(each.get(trait) for each in traits for trait in permission.traits)
