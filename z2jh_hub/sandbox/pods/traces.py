"""What identifies a mistake, an exception or a setting among several starts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from ..play import Failure, Play
from .causes import leaves, sections_of
from .schema import Mistake
from .units import Unit, of_config, of_profile


def site(failure: Failure) -> tuple[str, str]:
    """Return what identifies an exception: its type and the function that raised it."""
    step = failure.error.__traceback__
    while step and step.tb_next:
        step = step.tb_next
    return type(failure.error).__name__, step.tb_frame.f_code.co_qualname if step else ""


def signature(mistake: Mistake) -> tuple[Any, ...]:
    fields = tuple(part for part in mistake.path if not part.isdigit())
    return mistake.kind, fields, str(mistake.value)


def names(manifest: Any, mistake: Mistake) -> list[str]:
    """Return the names on the path, outermost first, with that of a list's item for its index.

    The value of an environment variable is known by the name of the variable.
    """
    names: list[str] = []
    node: Any = manifest
    for part in mistake.path:
        node = node[int(part)] if isinstance(node, list) else (node or {}).get(part)
        if not part.isdigit():
            names.append(part)
        elif isinstance(node, dict) and isinstance(node.get("name"), str):
            names.append(node["name"])
    if "env" in names and names[-1] == "value":
        names.pop()
    return names


def value(unit: Unit, play: Play, config: Any) -> Any:
    result = {**of_config(config, sections_of(play.cls)), **of_profile(play)}
    value = result.get(Unit(unit.owner, unit.trait, None, unit.of_profile))
    if unit.entry is None:
        return value
    with suppress(LookupError, TypeError):
        return value[unit.entry]  # type: ignore[index]
    return None


def is_meant(value: Any) -> bool:
    """Return whether a setting removes something by name: it is null, empty or 0."""
    if value in (None, 0, "", False) or value == {} or value == []:
        return True

    def nulls(node: Any) -> Iterator[str]:
        for key, item in node.items() if isinstance(node, dict) else ():
            if item is None:
                yield str(key)
            yield from nulls(item)

    return bool(set(nulls(value)))


def mentioned(value: Any, message: str) -> tuple[Any, ...]:
    """Return the path in a setting of the key that a message of an exception quotes."""
    quoted = re.findall(r"'([^']+)'", message)
    for path, _ in leaves(value):
        if path[-1] in quoted:
            return path
    return ()


def not_text(play: Play) -> list[str]:
    """Return the environment variables of a spawner that are not text."""
    variables = getattr(play.spawner, "environment", None)
    return [
        str(name)
        for name, item in (variables.items() if isinstance(variables, dict) else ())
        if not isinstance(item, (str, dict)) and not callable(item)
    ]
