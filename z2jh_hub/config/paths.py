"""Where the hub's mounts are: `/usr/local/etc/jupyterhub`, or `Z2JH_CONFIG_ROOT`."""

from __future__ import annotations

import os
from pathlib import Path

DEFAULT_ROOT = "/usr/local/etc/jupyterhub"


def config_root() -> Path:
    """The directory of the mounts, looked up anew at each call."""
    return Path(os.environ.get("Z2JH_CONFIG_ROOT", DEFAULT_ROOT))
