"""What snippets are given to read the values: the functions of `import z2jh`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .errors import Path
from .key_paths import key_path
from .values import Values, from_mounts

if TYPE_CHECKING:
    from traitlets.config import Config

__all__ = [
    "get_config",
    "get_name",
    "get_name_env",
    "get_secret_value",
    "set_config_if_not_none",
]


_current: Values | None = None
_asked: set[Path] | None = None


def use(values: Values) -> None:
    """Answer from `values` from now on, instead of from the mounts."""
    global _current
    _current = values


@contextmanager
def noted() -> Iterator[set[Path]]:
    """The keys that are asked for meanwhile."""
    global _asked
    asked: set[Path] = set()
    _asked = asked
    try:
        yield asked
    finally:
        _asked = None


def _values() -> Values:
    if _current is None:
        use(from_mounts())
    assert _current is not None
    return _current


def get_config(key: str, default: Any = None) -> Any:
    """A copy of the value at the dotted `key`, or `default` where it is absent or null.

    A key of the 2018 guide may be asked for by its name of then.
    """
    values = _values()
    if _asked is not None:
        _asked.add(key_path(key))
    return values.get(key, values.get_as_given(key, default))


def get_secret_value(key: str, *default: Any) -> Any:
    """The secret `key` of the hub's Secrets. Raises KeyError where there is none and no default."""
    found = _values().secret(key)
    if found is not None:
        return found
    if default:
        return default[0]
    raise KeyError(f"{key} is not in the hub's Secret, nor in hub.existingSecret")


def get_name(name: str) -> str:
    """What this release calls the chart's object `name`."""
    return _values().name(name)


def get_name_env(name: str, suffix: str = "") -> str:
    """The variable that Kubernetes makes for the Service `name`, such as HUB_SERVICE_PORT.

    Raises KeyError, in words, where the pod has no such variable.
    """
    variable = get_name(name).upper().replace("-", "_") + suffix
    if variable not in os.environ:
        raise KeyError(f"{variable} is not set: is there a Service named {get_name(name)}?")
    return os.environ[variable]


def set_config_if_not_none(cparent: Config, name: str, key: str) -> None:
    """Set the trait `name` of `cparent` to the value at `key`, if that is there and not null."""
    value = get_config(key)
    if value is not None:
        setattr(cparent, name, value)
