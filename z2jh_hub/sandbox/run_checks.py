"""The job `trial`: what goes wrong when the administrator's own code runs."""

from __future__ import annotations

from typing import Any

from . import load_config, login, trait_checks


def check() -> dict[str, Any]:
    """`missing` modules, what was `raised`, what no class takes, with its place; who gets in."""
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
    }
