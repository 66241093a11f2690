"""Public name: `from z2jh_hub.configure import configure` in `jupyterhub_config.py`."""

from .config.configuration import plain, problems
from .hub.configure import build, configure

__all__ = ["build", "configure", "plain", "problems"]
