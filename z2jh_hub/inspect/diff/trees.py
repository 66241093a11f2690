"""Compare two trees of plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ...config.errors import MISSING, Path
from ...masking import name_of


@dataclass(frozen=True)
class Change:
    """A path at which two trees differ, with both values; MISSING if only the other has one."""

    path: Path
    old: Any
    new: Any

    @property
    def name(self) -> str:
        """The path as a dotted key, with keys that are secrets masked."""
        return name_of(self.path)


def changes(old: Any, new: Any, path: Path = ()) -> Iterator[Change]:
    """Yield every difference between `old` and `new`, at the deepest path that both have.

    List items with names (containers, variables, volumes) are compared by name.
    """
    if isinstance(old, list) and isinstance(new, list):
        for name_of in (_named, _mounted):
            named = [_by(old, name_of), _by(new, name_of)]
            if named[0] is not None and named[1] is not None and (old or new):
                old, new = named
                break
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            inner = (*path, str(key))
            yield from changes(old.get(key, MISSING), new.get(key, MISSING), inner)
    elif old != new:
        yield Change(path, old, new)


def _by(items: list[Any], name_of: Callable[[Any], Any]) -> dict[str, Any] | None:
    """Return the items by name; None unless every item has a different name."""
    named = {name_of(item): item for item in items}
    return named if None not in named and len(named) == len(items) else None


def _named(item: Any) -> Any:
    name = item.get("name", item.get("display_name")) if isinstance(item, dict) else None
    return name if isinstance(name, str) else None


def _mounted(item: Any) -> Any:
    path = item.get("mountPath") if isinstance(item, dict) else None
    return path if isinstance(path, str) else None
