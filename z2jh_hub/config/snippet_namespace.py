"""The names that snippets and `jupyterhub_config.d` files can use without importing them.

Deployments rely on the names that the public chart's configuration file imports or defines. `check`
uses the same list (`NAMES`).
"""

from __future__ import annotations

import glob
import importlib
import os
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from . import helpers, paths
from .errors import MISSING

if TYPE_CHECKING:
    from traitlets.config import Config

MODULES = {"glob": glob, "os": os, "re": re, "sys": sys}

# name: (module, attribute), imported only for code that uses the name
IMPORTS = {
    "AsyncHTTPClient": ("tornado.httpclient", "AsyncHTTPClient"),
    "client": ("kubernetes_asyncio", "client"),
    "url_path_join": ("jupyterhub.utils", "url_path_join"),
    "z2jh": ("z2jh", None),
}

# created for each hub by `of`
MADE = ("__file__", "c", "camelCaseify", "configuration_directory", "get_config", "load_subconfig")

#: every name of the namespace
NAMES = frozenset((*MODULES, *IMPORTS, *MADE, *helpers.__all__))


def of(c: Config) -> dict[str, Any]:
    """Return the namespace for code that configures `c`, without the names of `imported`."""

    def get_config(key: Any = MISSING, default: Any = None) -> Any:
        """Traitlets' `get_config()`, and z2jh's `get_config("a.key")`."""
        return c if key is MISSING else helpers.get_config(key, default)

    def load_subconfig(name: str, path: str | None = None) -> None:
        """Merge the configuration file `name` into `c`. A missing file is skipped."""
        _load(c, name, folder if path is None else path)

    folder = str(paths.config_root())
    return {
        **MODULES,
        **{name: getattr(helpers, name) for name in helpers.__all__},
        "__file__": os.path.join(folder, "jupyterhub_config.py"),
        "c": c,
        "camelCaseify": camel_case,
        "configuration_directory": folder,
        "get_config": get_config,
        "load_subconfig": load_subconfig,
    }


def imported(names: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Yield the names of `IMPORTS` that are in `names`, with their imported values."""
    for name in IMPORTS.keys() & set(names):
        module, attribute = IMPORTS[name]
        imported_module = importlib.import_module(module)
        yield name, getattr(imported_module, attribute) if attribute else imported_module


def make_importable() -> None:
    """Let snippets import modules that are mounted next to the hub's configuration file."""
    folder = str(paths.config_root())
    if folder not in sys.path:
        sys.path.insert(0, folder)


def camel_case(name: str) -> str:
    """Convert `image_pull_policy` to `imagePullPolicy`."""
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def _load(c: Config, name: str, path: str) -> None:
    from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader

    try:
        subconfig = PyFileConfigLoader(name, path=path).load_config()
    except ConfigFileNotFound:
        return
    c.merge(subconfig)
