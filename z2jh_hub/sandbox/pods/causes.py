"""Find the setting that causes a symptom, by starting servers without it."""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from traitlets.config import Config

from ...config.suggestions import letters
from .. import load_config
from ..play import Play, Stage
from . import units
from .units import Edit, Unit

Symptom = Callable[[Play], bool]
HOOKS = ("pre_spawn_hook", "auth_state_hook", "modify_pod_hook", "profile_list", "environment")


class Trials:
    """Starts of one request with different settings, to find out which of them is to blame.

    They run without the administrator's hooks. With `chart`, settings that are left out have its
    values.
    """

    def __init__(self, stage: Stage, play: Play, edit: Edit, chart: Config | None = None):
        self._stage, self._play, self._edit, self._chart = stage, play, edit, chart
        self._sections = sections_of(play.cls)

    def causes(self, symptom: Symptom) -> list[Unit]:
        """Return the settings that cause the symptom; empty if it is not a single one."""
        if not symptom(self._run()):
            return []  # of the code
        bare = self._run(only_overrides=frozenset())
        if not symptom(bare):
            return self._among(units.of_profile(self._play), "only_overrides", symptom)
        chosen = units.of_config(self._play.config, self._sections)
        if self._chart is not None:
            chart = self._chart
            chosen = {
                unit: value
                for unit, value in chosen.items()
                if chart.get(unit.owner[0], {}).get(unit.trait) != value
            }
        return self._among(chosen, "only_traits", symptom)

    def is_of_code(self, symptom: Symptom) -> bool:
        """Return whether the symptom disappears without the administrator's hooks."""
        return not symptom(self._run())

    def alone(self, unit: Unit) -> Play:
        """Start with this setting as the only one of its kind."""
        return self._alone(unit, "only_overrides" if unit.of_profile else "only_traits")

    def bare(self) -> Play:
        """Start with the chart's settings and the administrator's class."""
        nothing = frozenset[Unit]()
        return self._run(only_overrides=nothing, only_traits=nothing)

    def _among(self, chosen: Mapping[Unit, Any], limit: str, symptom: Symptom) -> list[Unit]:
        dropped = self._edit.drop
        if limit == "only_traits" and symptom(self.bare()):
            return []  # of the class itself
        chosen = {unit: value for unit, value in chosen.items() if unit not in dropped}
        guilty = [unit for unit in chosen if symptom(self._alone(unit, limit))]
        if not guilty:
            return self._needed(chosen, limit, symptom)
        result: list[Unit] = []
        for unit in guilty:
            parts = list(units.entries(unit, chosen[unit]))
            inner = [part for part in parts if part not in dropped]
            wrong = [one for one in inner if symptom(self._alone(one, limit))]
            result += wrong if wrong and len(inner) > 1 else inner if len(inner) == 1 else [unit]
        return result

    def _needed(self, chosen: Mapping[Unit, Any], limit: str, symptom: Symptom) -> list[Unit]:
        """Return the last setting without which the symptom disappears."""
        overrides = None if limit == "only_overrides" else frozenset[Unit]()

        def needed(unit: Unit) -> bool:
            return not symptom(self._run(drop=frozenset([unit]), only_overrides=overrides))

        for unit in filter(needed, reversed(list(chosen))):
            parts = reversed(list(units.entries(unit, chosen[unit])))
            return [next(filter(needed, parts), unit)]
        return []

    def _alone(self, unit: Unit, limit: str) -> Play:
        if limit == "only_overrides":
            return self._run(only_overrides=frozenset([unit]))
        return self._run(only_overrides=frozenset(), only_traits=frozenset([unit]))

    def _run(self, drop: frozenset[Unit] = frozenset(), **limits: Any) -> Play:
        edit = replace(
            self._edit, drop=self._edit.drop | drop, chart=self._chart, hooks=False, **limits
        )
        return start(self._stage, self._play.request, edit, self._play.cls)


def start(stage: Stage, request: Mapping[str, Any], edit: Edit, cls: Any = None) -> Play:
    """Play a start with the settings that `edit` leaves."""
    cls = cls or stage.spawner_class
    config = edit.config(stage.config, sections_of(cls))
    return stage.play(request, config=config, cls=cls, hooks=edit.hooks, override=edit.override)


def sections_of(cls: Any) -> list[str]:
    """Return the sections of the configuration that a class reads."""
    return [section.__name__ for section in cls.mro() if hasattr(section, "class_traits")]


def leaf(tree: Any, names: list[str], value: Any) -> tuple[int, tuple[Any, ...]] | None:
    """Return the path in `tree` of the value under the last of `names`; None if there is none.

    Of several, the one that has more of `names` above it. Their number is returned with it.
    """
    best: tuple[int, tuple[Any, ...]] | None = None
    for path, item in leaves(tree):
        own = [letters(str(step)) for step in path if isinstance(step, str)]
        # the access modes of a claim are in storage_access_modes
        if not own or not own[-1].endswith(letters(names[-1])) or type(item) is not type(value):
            continue
        if item != value:
            continue
        score = sum(letters(name) in own for name in names)
        if best is None or score > best[0]:
            best = score, path
    return best


def leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield everything in a mapping or list, with its path."""
    if path:
        yield path, node
    pairs: Iterable[tuple[Any, Any]] = ()
    if isinstance(node, dict):
        pairs = node.items()
    elif isinstance(node, (list, tuple)):
        pairs = enumerate(node)
    for key, item in pairs if len(path) < 12 else ():
        yield from leaves(item, (*path, key))


def code_place(play: Play, words: Iterable[str]) -> load_config.Place | None:
    """Return the line of the hooks or of the spawner class that mentions one of `words`.

    A function of that name comes first. If nothing mentions them, the first line of the first hook.
    """
    words = [word for word in words if word]
    functions = list(_functions(play))
    for code in functions:
        if code.co_name in words:
            return load_config.shown_file(code.co_filename), code.co_firstlineno
    first: load_config.Place | None = None
    for code in functions:
        place = (load_config.shown_file(code.co_filename), code.co_firstlineno)
        first = first or place
        lines = sorted({line for _, _, line in code.co_lines() if line})
        for line in range(lines[0], lines[-1] + 1) if lines else ():
            text = linecache.getline(code.co_filename, line)
            if any(f'"{word}"' in text or f"'{word}'" in text for word in words):
                return load_config.shown_file(code.co_filename), line
    return first


def hook_place(play: Play, name: str) -> load_config.Place | None:
    """Return the first line of a hook of the administrator, which may not accept its arguments."""
    function = inspect.unwrap(hook) if callable(hook := getattr(play.spawner, name, None)) else None
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    if code is None or not load_config.is_administrators(code.co_filename):
        return None
    return load_config.shown_file(code.co_filename), code.co_firstlineno


def _functions(play: Play) -> Iterator[Any]:
    """Yield the code of the administrator's hooks and of the methods of the spawner's class."""
    candidates = [getattr(play.spawner, name, None) for name in HOOKS]
    if play.spawner is not None and play.spawner.authenticator is not None:
        candidates.append(type(play.spawner.authenticator).pre_spawn_start)
    for cls in play.cls.mro():
        candidates += [vars(cls)[name] for name in vars(cls)]
    known = set()
    for candidate in candidates:
        function = inspect.unwrap(candidate) if callable(candidate) else None
        code = getattr(getattr(function, "__func__", function), "__code__", None)
        if code and code not in known and load_config.is_administrators(code.co_filename):
            known.add(code)
            yield code
