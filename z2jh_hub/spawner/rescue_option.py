"""The option `rescue` in the options of a start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OPTION = "rescue"
YES = frozenset({"true", "1", "yes", "on"})
NO = frozenset({"", "false", "0", "no", "off", "none"})


def option_of(options: Mapping[str, Any] | None) -> str:
    """Return the value of `rescue` as one lower-case word; of a form's list, the last one."""
    value = (options or {}).get(OPTION)
    last = ([None, *value] if isinstance(value, list) else [value])[-1]
    return str(last).strip().lower()
