"""Import the 800 modules of the Kubernetes client on first use, not at startup.

`kubernetes_asyncio.client` imports every API and every model of Kubernetes; a hub uses a
few dozen. Importing all takes about a sixth of the CPU that a hub needs to start, and
some 20 MB (`make bench-start`). `install()` makes these packages resolve their names on
first use. Their content does not change.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGES = (
    "kubernetes_asyncio.client",
    "kubernetes_asyncio.client.api",
    "kubernetes_asyncio.client.models",
)

# a package that consists only of such lines can be loaded lazily
_IMPORT = re.compile(r"^from (kubernetes_asyncio[\w.]*) import (\w+)(?: as (\w+))?$")
_IGNORED = re.compile(
    r'''^\s*""".*?"""|^__all__ = \[.*?^\]|^__version__ = .*?$|^from __future__ .*?$''',
    re.DOTALL | re.MULTILINE,
)


def install() -> None:
    """Make the client's packages lazy, unless they are already imported."""
    if not any(name in sys.modules for name in PACKAGES):
        sys.meta_path.insert(0, _Finder())


def _exports(text: str) -> dict[str, str] | None:
    """Return {name: module} of a package's `__init__.py`; None if it does more than import."""
    exports = {}
    for line in _IGNORED.sub("", text).splitlines():
        line = line.partition("#")[0].rstrip()
        match = _IMPORT.match(line)
        if match:
            exports[match[3] or match[2]] = match[1]
        elif line:
            return None
    return exports


class _Finder(importlib.abc.MetaPathFinder):
    """A finder that loads the packages lazily."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in PACKAGES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec and spec.origin:
            exports = _exports(Path(spec.origin).read_text("utf-8"))
            if exports is not None:
                spec.loader = _Loader(name, spec.origin, exports)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    """A loader that loads only a package's table of exports."""

    def __init__(self, name: str, file: str, exports: dict[str, str]):
        super().__init__(name, file)
        self._exports = exports

    def exec_module(self, module: ModuleType) -> None:
        exports = self._exports

        def resolve(name: str) -> Any:
            if name not in exports:
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
            value = getattr(import_module(exports[name]), name)
            setattr(module, name, value)
            return value

        module.__dict__.update(
            __getattr__=resolve,
            __dir__=lambda: sorted({*module.__dict__, *exports}),
            __all__=list(exports),
        )
