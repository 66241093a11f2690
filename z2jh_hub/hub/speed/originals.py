"""The functions that levers replace, and whether they are still those that were reviewed."""

from __future__ import annotations

import hashlib
import inspect
from dataclasses import dataclass
from importlib import import_module
from typing import Any


class Changed(Exception):
    """A function is not the one that a lever was written for."""


@dataclass(frozen=True)
class Original:
    """A function of JupyterHub, KubeSpawner or one of their libraries.

    owner    the module, or the module and the class as `module:Class`
    name     the attribute of the owner
    digest   of the source for which the lever was written
    """

    owner: str
    name: str
    digest: str

    def __str__(self) -> str:
        return f"{self.owner}.{self.name}"

    def holder(self) -> Any:
        """Return the module or the class that has the function."""
        module, _, cls = self.owner.partition(":")
        owner: Any = import_module(module)
        return getattr(owner, cls) if cls else owner

    def check(self) -> None:
        """Raise Changed if the function is missing or has another source."""
        try:
            function = inspect.getattr_static(self.holder(), self.name, None)
        except (ImportError, AttributeError):
            function = None
        actual = digest(function)
        if actual != self.digest:
            raise Changed(f"{self} is not the function it was written for ({actual})")


def digest(function: Any) -> str:
    """Return the digest of a function's source, the same for any white space."""
    for attribute in ("fget", "__func__", "func"):  # of properties, class methods, trait defaults
        function = getattr(function, attribute, function)
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        return "no source"
    return hashlib.sha256(" ".join(source.split()).encode()).hexdigest()[:12]
