"""The hub's pages: templates that extend JupyterHub's own.

A deployment's template directories come first, then ours, then JupyterHub's. Our directory is added
to the running application only, so the configured `template_paths` is the administrator's.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from ...spawner import start_times, upstream

if TYPE_CHECKING:
    from jupyterhub.app import JupyterHub

TEMPLATES = str(Path(__file__).parent / "templates")

_installed = False


def install() -> None:
    """Have JupyterHub find our templates in this process, once."""
    global _installed
    if not _installed:
        _installed = True
        upstream.around_page_settings(add_templates, add_functions)
        upstream.add_handlers(handlers)
        upstream.show_form_of_requested_server()


def handlers() -> list[tuple[str, type]]:
    """Return the paths at which our own handlers answer, and their classes."""
    # imported late, as the spawner is
    from .admin_report import ReportHandler

    return [(r"/admin/report", ReportHandler)]


def add_templates(hub: JupyterHub) -> None:
    """Insert our templates between the configured directories and JupyterHub's own."""
    own = hub.trait_defaults("template_paths")
    configured = [path for path in hub.template_paths if path not in (TEMPLATES, *own)]
    hub.template_paths = [*configured, TEMPLATES, *own]


def add_functions(hub: JupyterHub) -> None:
    """Add the functions that our templates call, and export how long starts usually take."""
    # imported late, as the spawner is
    from . import admin, home, words

    functions = (
        words.t, words.named, words.when, words.duration, words.seconds, words.why_stopped,
        words.why_it_stopped, words.pending_texts,
        home.cards, home.hours, home.rescue_servers, home.last_stop, home.is_age,
        home.server_title,
        admin.may_see_report, admin.admin_report, admin.explanation,
    )  # fmt: skip
    for name in ("jinja2_env", "jinja2_env_sync"):
        hub.tornado_settings[name].globals.update({each.__name__: each for each in functions})
    try:
        start_times.export(hub.db)
    except SQLAlchemyError as error:
        hub.log.warning("The durations of past starts are not exported: %s", error)
