"""Report code that replaces the services and roles of the chart instead of adding to them."""

from __future__ import annotations

from collections.abc import Iterator

from ... import sandbox
from ...config.errors import Problem
from ...config.values import Values
from .. import causes, run_checks

# trait → what its entries are, how they are added, and the key for it
_WORDS = {
    "services": ("service", "c.JupyterHub.services.append({…})", "hub.services"),
    "load_roles": ("role", "c.JupyterHub.load_roles.append({…})", "hub.loadRoles"),
}
CULLER = "jupyterhub-idle-culler"


def executed(values: Values, *, run_anyway: bool = False) -> Iterator[Problem]:
    """Yield the lines that lose entries of the chart or of the values."""
    try:
        lost = run_checks.answer(values, run_anyway=run_anyway).get("entries")
    except sandbox.Stopped:
        return  # reported by `snippets`
    for one in lost or ():
        place = causes.locate(values, {"kind": "code", "place": one["place"]})
        noun, way, key = _WORDS[one["trait"]]
        names = one["names"]
        effect = ", so idle servers are not culled" if CULLER in names else ""
        if place:
            yield place.problem(
                f"replaces the {noun}{'s' * (len(names) > 1)} {' and '.join(names)} of the "
                f"chart{effect}",
                expected=f"an addition to JupyterHub.{one['trait']}",
                hint=f"write {way}, or use {key}", severity="warning", rule="lost-entries",
            )  # fmt: skip
