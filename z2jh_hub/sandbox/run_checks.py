"""The job `check`: run the administrator's code and report what fails."""

from __future__ import annotations

from typing import Any

from . import load_config, login, network, trait_checks
from .pods import survey


def check() -> dict[str, Any]:
    """Return what running the configuration shows.

    `missing` modules, the exception `raised`, invalid traits (`problems`), `access`, `addresses`
    and `pods`.
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
        "addresses": network.differences(found) if whole else None,
        "pods": survey.survey(found) if whole else None,
    }
