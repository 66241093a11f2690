"""The directory of the hub's mounts: `/usr/local/etc/jupyterhub`, or `Z2JH_CONFIG_ROOT`."""

from __future__ import annotations

import os
from pathlib import Path

DEFAULT_ROOT = "/usr/local/etc/jupyterhub"


def config_root() -> Path:
    """Return the directory of the mounts, from the current environment."""
    return Path(os.environ.get("Z2JH_CONFIG_ROOT", DEFAULT_ROOT))
