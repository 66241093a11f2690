"""The job `traits`: every trait that the configuration sets, and who set it."""

from __future__ import annotations

import inspect
import json
from typing import Any

from traitlets.config import Config
from traitlets.config.loader import LazyConfigValue

from . import loaded


def of() -> dict[str, Any]:
    """`traits`: [{class, trait, value, place}], sorted; `problems`, `raised`, `missing`."""
    found = loaded.load()
    traits = [
        {"class": name, "trait": trait, "value": plain(value),
         "place": found.places.get((name, trait))}
        for name, section in sorted(found.config.items())
        if isinstance(section, Config)
        for trait, value in sorted(section.items())
    ]  # fmt: skip
    return {
        "traits": traits,
        "problems": [problem.key for problem in found.problems],
        "raised": found.raised,
        "missing": found.missing,
    }


def plain(value: Any) -> Any:
    """`value` as JSON; code by its name and its text, so that a change of it is seen."""
    if isinstance(value, LazyConfigValue):
        return {f"({kind})": plain(more) for kind, more in value.to_dict().items()}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=str)
    if callable(value):
        return f"<{_code(value)}>"
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return f"<{type(value).__name__}>"
    return value


def _code(thing: Any) -> str:
    name = f"{getattr(thing, '__module__', '')}.{getattr(thing, '__qualname__', thing)}".lstrip(".")
    try:
        source = inspect.getsource(thing)
    except (OSError, TypeError):
        return name.removeprefix("builtins.")
    from .cache import digest

    return f"{name.removeprefix('builtins.')} {digest(source)[:8]}"
