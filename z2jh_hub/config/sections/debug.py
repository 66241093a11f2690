"""`debug.*`: more of everything in the logs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..keys import BOOLEAN, Key

if TYPE_CHECKING:
    from traitlets.config import Config

    from ..values import Values

KEYS = (Key("debug.enabled", BOOLEAN),)


def apply(values: Values, c: Config) -> None:
    """The hub and users' servers say what they do."""
    if values.get("debug.enabled"):
        c.JupyterHub.log_level = logging.getLevelName(logging.DEBUG)
        c.Spawner.debug = True
