"""The job `traits`: every trait that the configuration sets, and the place that set it."""

from __future__ import annotations

import inspect
import json
from typing import Any

from traitlets.config import Config
from traitlets.config.loader import LazyConfigValue

from . import load_config


def of(salt: str = "") -> dict[str, Any]:
    """Return sorted `traits` [{class, trait, value, place}], `problems`, `raised` and `missing`."""
    loaded = load_config.load()
    traits = [
        {"class": name, "trait": trait, "value": plain(value, salt),
         "place": loaded.places.get((name, trait))}
        for name, section in sorted(loaded.config.items())
        if isinstance(section, Config)
        for trait, value in sorted(section.items())
    ]  # fmt: skip
    return {
        "traits": traits,
        "problems": [problem.key for problem in loaded.problems],
        "raised": loaded.raised,
        "missing": loaded.missing,
    }


def plain(value: Any, salt: str = "") -> Any:
    """Return `value` as JSON; code as its name, with a digest of its text if `salt` is set.

    Code may hold a password: a digest without a salt could be compared with that of a guess.
    """
    if isinstance(value, LazyConfigValue):
        return {f"({kind})": plain(more, salt) for kind, more in value.to_dict().items()}
    if isinstance(value, dict):
        return {str(key): plain(item, salt) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, salt) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item, salt) for item in value), key=str)
    if callable(value):
        return f"<{_code(value, salt)}>"
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return f"<{type(value).__name__}>"
    return value


def _code(thing: Any, salt: str) -> str:
    name = f"{getattr(thing, '__module__', '')}.{getattr(thing, '__qualname__', thing)}".lstrip(".")
    name = name.removeprefix("builtins.")
    if not salt:
        return name
    try:
        source = inspect.getsource(thing)
    except (OSError, TypeError):
        return name
    from .cache import digest

    return f"{name} {digest(salt, source)[:8]}"
