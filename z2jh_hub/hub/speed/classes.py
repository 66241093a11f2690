"""Import only the authenticator and the spawner that the hub uses.

Replaces the default of `JupyterHub.classes`: every installed authenticator, spawner and proxy, for
the help of the command line and for `--generate-config`. They import libraries such as requests and
ruamel.yaml, which take 8 MB and a tenth of the start. What the hub uses is imported by its name in
the configuration. With one of these options, the original runs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from .originals import Original

REPLACES = (Original("jupyterhub.app:JupyterHub", "_load_classes", "d1167836cf5c"),)

LISTS_ALL = ("-h", "--help", "--generate-config", "--show-config")


def install() -> None:
    """Replace the default."""
    from jupyterhub.app import JupyterHub

    handler: Any = vars(JupyterHub)["_load_classes"]
    handler.func = few_unless_listed(handler.func)


def few_unless_listed(load_all: Any) -> Any:
    """Return a default of `JupyterHub.classes` with the base classes only."""

    def load(hub: Any) -> list[type]:
        if lists_all(sys.argv[1:]):
            classes: list[type] = load_all(hub)
            return classes
        from jupyterhub.auth import Authenticator
        from jupyterhub.crypto import CryptKeeper
        from jupyterhub.spawner import Spawner

        return [Authenticator, CryptKeeper, Spawner]

    return load


def lists_all(arguments: Sequence[str]) -> bool:
    """Return whether a command line asks for the settings of all classes."""
    return any(word.startswith(LISTS_ALL) for word in arguments)
