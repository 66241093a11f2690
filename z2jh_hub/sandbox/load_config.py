"""Configure a hub in this process, and record which code set each trait."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from traitlets.config import Config

from ..config import helpers, paths
from ..config.errors import ConfigError
from ..config.mounts import Mounts
from ..config.values import Values, from_mounts
from ..hub import configure, lazy_kubernetes
from ..masking import Mask
from .mounts import STAND_IN_SECRET
from .stand_ins import Finder

# characters of a message that are searched for secrets before it is shortened
LONGEST = 20_000

# (file, line): the file below the mounts, `<hub.extraConfig.NAME>`, or `section:NAME`
Place = tuple[str, int]


@dataclass
class Loaded:
    """The configuration. `raised` describes the exception of the administrator's code, if any."""

    config: Config
    values: Values
    places: dict[tuple[str, str], Place]
    missing: list[str]
    raised: dict[str, Any] | None = None
    problems: list[Any] = field(default_factory=list)


def load() -> Loaded:
    """Configure a hub from the mounts of this process, as far as possible."""
    lazy_kubernetes.install()
    values = from_mounts()
    if values.get("hub.existingSecret"):
        values = from_mounts(_UnknownSecret(paths.config_root()))
    helpers.use(values)
    finder = Finder(is_administrators).install()
    config = Config()
    recorder = _Recorder()
    loaded = Loaded(config, values, {}, finder.modules)
    try:
        configure.build(values, config)
    except ConfigError as error:
        loaded.problems = list(error.problems)
    except (Exception, SystemExit) as error:
        loaded.raised = describe(error, Mask(values.get(())))
    finally:
        recorder.stop()
    loaded.places = {
        (name, trait): place
        for name, section in config.items()
        if isinstance(section, Config)
        for trait in section
        if (place := recorder.places.get((id(section), trait)))
    }
    return loaded


class _UnknownSecret(Mounts):
    """Mounts with a Secret of the administrator, which may have any key."""

    def secret(self, key: str) -> str:
        return super().secret(key) or STAND_IN_SECRET


def is_administrators(filename: str) -> bool:
    """Return whether a file contains the administrator's code."""
    return filename.startswith(("<hub.extraConfig", str(paths.config_root())))


def shown_file(filename: str) -> str:
    """Return `filename` relative to the mounts if it is below them, else unchanged."""
    return filename.removeprefix(f"{paths.config_root()}/")


def is_of_code(place: Place | None) -> bool:
    """Return whether the administrator's code set a trait, rather than a section or a key."""
    return place is not None and not place[0].startswith(("section:", "key:"))


def describe(error: BaseException, mask: Mask) -> dict[str, Any]:
    """Describe an exception: types, message, and the administrator's frames, innermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [(shown_file(f.filename), f.lineno) for f in frames if is_administrators(f.filename)]
    return {
        "type": type(error).__name__,
        "kinds": [kind.__name__ for kind in type(error).__mro__],
        "message": mask.text(str(error)[:LONGEST])[:300],
        "frames": own[::-1],
        "innermost": frames[-1].filename if frames else "",
    }


class _Recorder:
    """Record where each key of a Config is set, while it is installed."""

    def __init__(self) -> None:
        self.places: dict[tuple[int, str], Place] = {}
        self._set, self._get = Config.__setitem__, Config.__getitem__
        recorder = self

        def set_item(section: Config, key: str, value: Any) -> None:
            recorder._set(section, key, value)
            recorder._note(section, key)

        def get_item(section: Config, key: str) -> Any:
            existed = dict.__contains__(section, key)
            value = recorder._get(section, key)
            if not existed or _of_code(sys._getframe(1)):
                recorder._note(section, key)
            return value

        Config.__setitem__ = set_item  # type: ignore[method-assign]
        Config.__getitem__ = get_item  # type: ignore[method-assign]

    def stop(self) -> None:
        """Uninstall the recorder."""
        Config.__setitem__ = self._set  # type: ignore[method-assign]
        Config.__getitem__ = self._get  # type: ignore[method-assign]

    def _note(self, section: Config, key: str) -> None:
        place = _place(sys._getframe(2))
        if place:
            self.places[id(section), key] = place


def _of_code(frame: FrameType) -> bool:
    """Return whether the administrator's code is the caller, directly or through Config."""
    return any(is_administrators(f.f_code.co_filename) for f in _few(frame))


def _few(frame: FrameType | None) -> Iterator[FrameType]:
    for _ in range(3):
        if frame is None:
            return
        yield frame
        frame = frame.f_back


def _place(frame: FrameType | None) -> Place | None:
    while frame:
        name = frame.f_code.co_filename
        if is_administrators(name):
            return shown_file(name), frame.f_lineno
        module = frame.f_globals.get("__name__", "")
        if module.startswith("z2jh_hub.config.sections."):
            if frame.f_code.co_name == "finish":
                return None  # normalizes what others set
            return f"section:{module.rpartition('.')[2]}", frame.f_lineno
        if module == "z2jh_hub.config.keys" and frame.f_code.co_name == "apply":
            return f"key:{frame.f_locals['key'].path}", 0
        frame = frame.f_back
    return None
