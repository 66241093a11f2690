"""Replace modules that only the hub image contains with stand-ins.

They let the rest of a snippet be tried: any name can be imported from one, subclassed,
called and iterated over. Only the administrator's own code gets them; installed packages
still learn that an optional module is missing.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any, cast


class _AnyClass(type):
    """Metaclass of stand-ins, which have every attribute."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return stand_in(name, cls.__module__)


class StandIn(metaclass=_AnyClass):
    """Replacement for any attribute of a missing module."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return stand_in(name, type(self).__module__)

    def __call__(self, *_: Any, **__: Any) -> StandIn:
        return type(self)()

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *_: object) -> None: ...


def stand_in(name: str, module: str) -> type[StandIn]:
    """Return a class that replaces `module.name`."""
    made = type(name, (StandIn,), {"__module__": module, "__stand_in__": True})
    return cast(type[StandIn], made)


def is_stand_in(cls: type) -> bool:
    """Return whether a class is a stand-in, or inherits from one."""
    return any("__stand_in__" in vars(base) for base in cls.__mro__)


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Find a stand-in for a module that the administrator's code imports and nothing else finds.

    `modules` lists the missing modules, in the order of their first import.
    """

    def __init__(self, is_administrators: Callable[[str], bool]):
        self.modules: list[str] = []
        self._is_administrators = is_administrators

    def install(self) -> Finder:
        """Install the finder after all other finders."""
        sys.meta_path.append(self)
        return self

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        parent = name.rpartition(".")[0]
        if parent and parent not in self.modules:
            return None  # the package is installed but has no such module: a mistake
        if not self._is_administrators(_importer()):
            return None
        self.modules.append(name)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        def attribute(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return stand_in(name, module.__name__)

        # code that locates a package's files only joins paths
        module.__file__ = f"/usr/local/lib/python3/site-packages/{module.__name__}/__init__.py"
        module.__getattr__ = attribute  # type: ignore[method-assign]


def _importer() -> str:
    """Return the file of the import statement that is being executed."""
    frame = sys._getframe(2)
    while frame and "importlib" in frame.f_code.co_filename:
        if frame.f_back is None:
            break
        frame = frame.f_back
    return frame.f_code.co_filename
