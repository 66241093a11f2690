"""The hub's configuration made in this process, with who set what, for the jobs to look at."""

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
from ..config.values import Values, from_mounts
from ..hub import configure, lazy_kubernetes
from ..masking import Mask
from .stand_ins import Finder

# characters; a secret is to be found as a whole before the message is cut
LONGEST = 20_000

# (file, line): the file below the mounts, `<hub.extraConfig.NAME>`, or `section:NAME`
Place = tuple[str, int]


@dataclass
class Loaded:
    """What came of it. `raised` is what the administrator's own code raised, if it did."""

    config: Config
    values: Values
    places: dict[tuple[str, str], Place]
    missing: list[str]
    raised: dict[str, Any] | None = None
    problems: list[Any] = field(default_factory=list)


def load() -> Loaded:
    """Configure a hub from the mounts of this process, as far as that goes."""
    lazy_kubernetes.install()
    values = from_mounts()
    helpers.use(values)
    finder = Finder(is_administrators).install()
    config = Config()
    recorder = _Recorder()
    found = Loaded(config, values, {}, finder.modules)
    try:
        configure.build(values, config)
    except ConfigError as error:
        found.problems = list(error.problems)
    except (Exception, SystemExit) as error:
        found.raised = told(error, Mask(values.get(())))
    finally:
        recorder.stop()
    found.places = {
        (name, trait): place
        for name, section in config.items()
        if isinstance(section, Config)
        for trait in section
        if (place := recorder.places.get((id(section), trait)))
    }
    return found


def is_administrators(filename: str) -> bool:
    """Whether code of that file is the administrator's own."""
    return filename.startswith(("<hub.extraConfig", str(paths.config_root())))


def shown_file(filename: str) -> str:
    """`filename` as this process' caller knows it: below the mounts, or as it is."""
    return filename.removeprefix(f"{paths.config_root()}/")


def told(error: BaseException, mask: Mask) -> dict[str, Any]:
    """An exception: kinds, words, and the administrator's (file, line)s, innermost first."""
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
    """Notes where each key of a Config was set, while it is installed."""

    def __init__(self) -> None:
        self.places: dict[tuple[int, str], Place] = {}
        self._set, self._get = Config.__setitem__, Config.__getitem__
        recorder = self

        def set_item(section: Config, key: str, value: Any) -> None:
            recorder._set(section, key, value)
            recorder._note(section, key)

        def get_item(section: Config, key: str) -> Any:
            there = dict.__contains__(section, key)
            found = recorder._get(section, key)
            if not there or _of_code(sys._getframe(1)):
                recorder._note(section, key)
            return found

        Config.__setitem__ = set_item  # type: ignore[method-assign]
        Config.__getitem__ = get_item  # type: ignore[method-assign]

    def stop(self) -> None:
        """Take it out again."""
        Config.__setitem__ = self._set  # type: ignore[method-assign]
        Config.__getitem__ = self._get  # type: ignore[method-assign]

    def _note(self, section: Config, key: str) -> None:
        place = _place(sys._getframe(2))
        if place:
            self.places[id(section), key] = place


def _of_code(frame: FrameType) -> bool:
    """Whether the administrator's code asks, perhaps through the Config's own methods."""
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
            return f"section:{module.rpartition('.')[2]}", frame.f_lineno
        if module == "z2jh_hub.config.keys" and frame.f_code.co_name == "apply":
            return f"key:{frame.f_locals['key'].path}", 0
        frame = frame.f_back
    return None
