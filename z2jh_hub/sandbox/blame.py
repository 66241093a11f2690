"""Find the part of the configuration that caused an error, from the variables of its frames."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from traitlets import Bunch, HasTraits, TraitType
from traitlets.config import Configurable

# words of a message that may be names of traits
_NAME = re.compile(r"\b(?:(?P<cls>[A-Z]\w+)\.)?(?P<trait>[a-z]\w*_\w+|(?<=\.)[a-z]\w*)\b")
# traits through which traitlets passes on the configuration
_PLUMBING = frozenset({"config", "parent", "log", "authenticator"})

Path = tuple[Any, ...]


@dataclass(frozen=True)
class Cause:
    """A trait of a class (with its base classes), and a part of its value."""

    classes: list[str]
    trait: str
    path: Path = ()
    value: Any = None
    entry: str = ""


@dataclass
class Parts:
    """A copy of collections by trait, without the parts at the paths `removed`.

    Each part of the copy is a new object, so that a variable that refers to it shows
    which part the code was about.
    """

    collections: Mapping[str, Any]
    removed: Set[Path]
    values: dict[str, Any] = field(default_factory=dict)
    _paths: dict[int, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for trait, value in self.collections.items():
            if (trait,) not in self.removed:
                self.values[trait] = self._copy(value, (trait,))

    def _copy(self, value: Any, path: Path) -> Any:
        if isinstance(value, Mapping):
            made: Any = {
                self._own(key, (*path, key)): self._copy(item, (*path, key))
                for key, item in value.items()
                if (*path, key) not in self.removed
            }
        elif isinstance(value, (list, tuple)):
            made = [
                self._copy(item, (*path, index))
                for index, item in enumerate(value)
                if (*path, index) not in self.removed
            ]
        else:
            return self._own(value, path)
        self._paths[id(made)] = path
        return made

    def _own(self, value: Any, path: Path) -> Any:
        """Return a copy of a text; short ones are shared by the whole process."""
        if isinstance(value, str) and len(value) > 1:
            value = (value + " ")[:-1]
            self._paths[id(value)] = path
        return value

    def cause(self, error: BaseException) -> Cause | None:
        """Return the smallest part to which the innermost possible frame refers."""
        for frame in _frames(error):
            known = [self._paths.get(id(value), ()) for value in frame.f_locals.values()]
            # a key is only an example if a larger part is there, too
            path = max((path for path in known if len(path) > 1), key=len, default=())
            if path[2:] in ((), ("name",)) and path:
                path = self._mentioned(path[:2], str(error)) or path
            if path:
                return self._named(path)
        return None

    def _mentioned(self, entry: Path, message: str) -> Path:
        """Return the part of an entry whose value, or else whose key, the message contains."""
        parts = [(p, v) for p, v in self._below(self.at(entry), entry) if p[2:] != ("name",)]
        words = set(re.findall(r"\w+", message))
        of_value = (p for p, v in parts if isinstance(v, str) and len(v) > 1 and v in message)
        of_key = (p for p, _ in parts if p[-1] in words)
        return next(of_value, next(of_key, ()))

    def _below(self, value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
        pairs: Iterable[tuple[Any, Any]] = (
            value.items() if isinstance(value, Mapping)
            else enumerate(value) if isinstance(value, (list, tuple)) else ()
        )  # fmt: skip
        for key, item in pairs:
            if (*path, key) not in self.removed:
                yield (*path, key), item
                yield from self._below(item, (*path, key))

    def at(self, path: Path) -> Any:
        """Return the value at `path`."""
        value: Any = self.collections
        for part in path:
            value = value[part]
        return value

    def _named(self, path: Path) -> Cause:
        entry = self.at(path[:2])
        name = entry.get("name") if isinstance(entry, Mapping) else None
        name = path[1] if isinstance(path[1], str) else name
        return Cause(["JupyterHub"], path[0], path[1:], self.at(path), name or "")


def step(error: BaseException, method: str) -> str:
    """Return the function that `method` called when the error occurred."""
    names = [frame.f_code.co_name for frame in reversed(list(_frames(error)))]
    later = names[len(names) - names[::-1].index(method) :] if method in names else []
    return next(iter(later), "")


def trait(error: BaseException, app: Configurable) -> Cause | None:
    """Return the trait that was being set or validated, or else one that the message names."""
    frames = list(_frames(error))
    for frame in frames:
        for owner, name in _being_set(frame):
            if name not in _PLUMBING:
                return Cause(_classes(owner), name)
    owners = [frame.f_locals.get("self") for frame in frames]
    for owner in [*(o for o in owners if isinstance(o, Configurable)), app]:
        traits = owner.traits(config=True)
        named = [m["trait"] for m in _NAME.finditer(str(error)) if m["trait"] in traits]
        if named:
            return Cause(_classes(owner), named[0])
    return None


def owner(error: BaseException, app: Configurable) -> Cause | None:
    """Return the class, other than the application, whose method raised the error."""
    for frame in _frames(error):
        known = frame.f_locals.get("self")
        if isinstance(known, Configurable) and known is not app:
            return Cause(_classes(known), "")
    return None


def _being_set(frame: FrameType) -> Iterator[tuple[HasTraits, str]]:
    """Yield the trait, with its owner, that the frame of traitlets or of an observer is about."""
    variables = frame.f_locals
    for value in variables.values():
        if isinstance(value, Bunch) and isinstance(value.get("owner"), HasTraits):
            yield value["owner"], value.get("name") or value["trait"].name
    known, owner = variables.get("self"), variables.get("obj")
    if isinstance(known, TraitType) and isinstance(owner, HasTraits) and known.name:
        yield owner, known.name


def _classes(owner: HasTraits) -> list[str]:
    classes = [cls for cls in type(owner).__mro__ if issubclass(cls, Configurable)]
    return list(dict.fromkeys(cls.__name__ for cls in classes))


def _frames(error: BaseException) -> Iterator[FrameType]:
    """Yield the frames in which the error was raised, innermost first."""
    frames = []
    at = error.__traceback__
    while at:
        frames.append(at.tb_frame)
        at = at.tb_next
    yield from reversed(frames)
