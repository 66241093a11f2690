"""The functions of `import z2jh`, with which snippets read the values."""

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
_recorded: set[Path] | None = None


def use(values: Values) -> None:
    """Make the functions of this module read `values` instead of the mounts."""
    global _current
    _current = values


@contextmanager
def recorded_keys() -> Iterator[set[Path]]:
    """Collect the keys that `get_config` reads inside the `with` block."""
    global _recorded
    keys: set[Path] = set()
    _recorded = keys
    try:
        yield keys
    finally:
        _recorded = None


def _values() -> Values:
    if _current is None:
        use(from_mounts())
    assert _current is not None
    return _current


def get_config(key: str, default: Any = None) -> Any:
    """Return a copy of the value at the dotted `key`; `default` if it is absent or null.

    Deprecated keys can be read by their old names.
    """
    values = _values()
    if _recorded is not None:
        _recorded.add(key_path(key))
    return values.get(key, values.get_as_given(key, default))


def get_secret_value(key: str, *default: Any) -> Any:
    """Return the secret `key` of the hub's Secrets. Raises KeyError if missing without default."""
    secret = _values().secret(key)
    if secret is not None:
        return secret
    if default:
        return default[0]
    raise KeyError(f"{key} is neither in the hub's Secret nor in hub.existingSecret")


def get_name(name: str) -> str:
    """Return this release's name for the chart's object `name`."""
    return _values().name(name)


def get_name_env(name: str, suffix: str = "") -> str:
    """Return the variable that Kubernetes sets for the Service `name`, such as HUB_SERVICE_PORT.

    Raises KeyError if the pod has no such variable.
    """
    variable = get_name(name).upper().replace("-", "_") + suffix
    if variable not in os.environ:
        raise KeyError(f"{variable} is not set; check that the Service {get_name(name)} exists")
    return os.environ[variable]


def set_config_if_not_none(cparent: Config, name: str, key: str) -> None:
    """Set the trait `name` of `cparent` to the value at `key`, unless it is absent or null."""
    value = get_config(key)
    if value is not None:
        setattr(cparent, name, value)
