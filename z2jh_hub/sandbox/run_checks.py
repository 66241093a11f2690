"""The job `check`: run the administrator's code, start the hub with it, and report what fails."""

from __future__ import annotations

from typing import Any

from . import database, load_config, login, network, trait_checks
from .pods import survey


def check() -> dict[str, Any]:
    """Return what was found.

    `missing` modules, the exception `raised`, invalid traits (`problems`), `access` (see
    `login.survey`), the failures of the `start` (see `dry_start.failures`), the place of code that
    adds the `password` of the database to its URL, `addresses` (see `network.differences`) and
    `pods` (see `pods.survey`).
    """
    found = load_config.load()
    problems = []
    for problem in trait_checks.problems(found.config):
        place = found.places.get((problem["class"], problem["trait"])) or next(
            (p for (name, _), p in found.places.items() if name == problem["class"]), None
        )
        problems.append({**problem, "place": place})
    whole = not found.raised and not found.problems
    return {
        "missing": found.missing,
        "raised": found.raised,
        "problems": problems,
        "access": login.survey(found) if whole else None,
        "start": _start_failures(found) if whole else [],
        "password": database.place_of_password(found) if whole else None,
        "addresses": network.differences(found) if whole else None,
        "pods": survey.survey(found) if whole else None,
    }


def _start_failures(found: load_config.Loaded) -> list[dict[str, Any]]:
    # imported late, because it imports JupyterHub
    from . import dry_start

    return dry_start.failures(found)
