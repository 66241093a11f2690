"""Report lists that a later file replaces, because Helm does not merge lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...config.errors import MISSING, Path, Problem
from ...config.sources import Source
from ...config.values import Values


def findings(values: Values) -> Iterator[Problem]:
    """Yield a warning for each list that lacks items of an earlier file's list."""
    lists: dict[Path, tuple[list[Any], Source]] = {}
    # `--set` replaces on purpose, or sets a single item
    for source in (source for source in values.sources if source.text):
        for path, value in _leaves(source.data, ()):
            for above in [known for known in lists if known == path[: len(known)]]:
                earlier, replaced = lists.pop(above)
                if above != path or not isinstance(value, list):
                    continue
                lost = [item for item in earlier if item not in value]
                if lost:
                    yield _shadowed(source, path, replaced, len(lost), len(earlier))
            if isinstance(value, list):
                lists[path] = value, source


def _shadowed(source: Source, path: Path, replaced: Source, lost: int, whole: int) -> Problem:
    return Problem(
        ".".join(path),
        f"replaces the list of {replaced.origin(path) or replaced.file}: "
        f"{lost} of its {whole} items {'is' if lost == 1 else 'are'} lost",
        given=MISSING,
        expected="all items in the last file, because lists are not merged",
        hint="repeat the items that you want to keep",
        origin=source.origin(path),
        severity="warning",
        rule="list-shadowed",
    )


def _leaves(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from _leaves(value, (*path, key))
    else:
        yield path, node
