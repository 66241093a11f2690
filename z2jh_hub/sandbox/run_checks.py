"""The job `check`: run the administrator's code, start the hub with it, and report what fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..masking import Mask
from . import database, load_config, login, lost_entries, network, service_urls, trait_checks
from .pods import survey


def _start_failures(loaded: load_config.Loaded) -> list[dict[str, Any]]:
    # imported late, because it imports JupyterHub
    from . import dry_start

    return dry_start.failures(loaded)


# parts of the answer that need the whole configuration
PARTS: dict[str, Callable[[load_config.Loaded], Any]] = {
    "access": login.survey,
    "start": _start_failures,
    "password": database.place_of_password,
    "addresses": network.differences,
    "services": service_urls.unreachable,
    "entries": lost_entries.lost,
    "pods": survey.survey,
}


def check() -> dict[str, Any]:
    """Return what was found.

    `missing` modules, the exception `raised`, invalid traits (`problems`), `access` (see
    `login.survey`), the failures of the `start` (see `dry_start.failures`), the place of code that
    adds the `password` of the database to its URL, `addresses` (see `network.differences`),
    `services` (see `service_urls.unreachable`), `entries` (see `lost_entries.lost`) and `pods` (see
    `pods.survey`). A part is null if it was not tried; `untried` describes the errors of parts that
    failed unexpectedly.
    """
    loaded = load_config.load()
    problems = []
    for problem in trait_checks.problems(loaded.config):
        place = loaded.places.get((problem["class"], problem["trait"])) or next(
            (p for (name, _), p in loaded.places.items() if name == problem["class"]), None
        )
        problems.append({**problem, "place": place})
    parts, untried = dict.fromkeys(PARTS), {}
    for name, part in PARTS.items() if not loaded.raised and not loaded.problems else ():
        try:
            parts[name] = part(loaded)
        except Exception as error:
            untried[name] = load_config.describe(error, Mask(loaded.values.get(())))
    return {
        "missing": loaded.missing,
        "raised": loaded.raised,
        "problems": problems,
        **parts,
        "untried": untried,
    }
