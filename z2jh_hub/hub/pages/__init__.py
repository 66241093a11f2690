"""The hub's pages: templates that extend JupyterHub's own.

A deployment's template directories come first, then ours, then JupyterHub's. Our directory is added
to the running application only, so the configured `template_paths` is the administrator's.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...spawner import upstream

if TYPE_CHECKING:
    from jupyterhub.app import JupyterHub

TEMPLATES = str(Path(__file__).parent / "templates")

_installed = False


def install() -> None:
    """Have JupyterHub find our templates in this process, once."""
    global _installed
    if not _installed:
        _installed = True
        upstream.before_page_settings(add_templates)
        upstream.show_form_of_requested_server()


def add_templates(hub: JupyterHub) -> None:
    """Insert our templates between the configured directories and JupyterHub's own."""
    own = hub.trait_defaults("template_paths")
    configured = [path for path in hub.template_paths if path not in (TEMPLATES, *own)]
    hub.template_paths = [*configured, TEMPLATES, *own]
