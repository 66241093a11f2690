"""Record what hooks assign to the configuration while servers start, and undo it."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Self

from traitlets.config import Config

from .. import load_config

_ABSENT = object()


class RunTimeSettings:
    """While it is entered, assignments to `c.Class.trait` by the administrator's code."""

    def __init__(self, config: Config):
        self._sections = {id(config[name]): name for name in config if name[:1].isupper()}
        self._keep = [config[name] for name in config if name[:1].isupper()]
        self._changes: list[dict[str, Any]] = []
        self._undo: list[tuple[Config, str, Any]] = []
        self._set = Config.__setitem__

    def __enter__(self) -> Self:
        recorder = self

        def set_item(section: Config, key: str, value: Any) -> None:
            name = recorder._sections.get(id(section))
            place = _place() if name else None
            if name and place:
                recorder._undo.append((section, key, dict.get(section, key, _ABSENT)))
                recorder._changes.append({"class": name, "trait": key, "place": place})
            recorder._set(section, key, value)

        Config.__setitem__ = set_item  # type: ignore[method-assign]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        Config.__setitem__ = self._set  # type: ignore[method-assign]

    def changed(self) -> list[dict[str, Any]]:
        """Return the assignments since the last call, {class, trait, place}, and undo them."""
        for section, key, value in reversed(self._undo):
            if value is _ABSENT:
                dict.pop(section, key, None)
            else:
                dict.__setitem__(section, key, value)
        changes, self._changes, self._undo = self._changes, [], []
        return changes


def _place() -> load_config.Place | None:
    """Return the line of the administrator's code that assigns, directly or through Config."""
    frame = sys._getframe(2)
    for _ in range(4):
        name = frame.f_code.co_filename
        if load_config.is_administrators(name):
            return load_config.shown_file(name), frame.f_lineno
        if frame.f_back is None:
            break
        frame = frame.f_back
    return None
