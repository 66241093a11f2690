"""`debug.*`: log level of the hub and of user servers."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..keys import BOOLEAN, Key

if TYPE_CHECKING:
    from traitlets.config import Config

    from ..values import Values

KEYS = (Key("debug.enabled", BOOLEAN),)


def apply(values: Values, c: Config) -> None:
    """Set the log level of the hub and of user servers to DEBUG."""
    if values.get("debug.enabled"):
        c.JupyterHub.log_level = logging.getLevelName(logging.DEBUG)
        c.Spawner.debug = True
