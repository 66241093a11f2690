"""Run the Python of the values once, for several rules."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from .. import sandbox
from ..config.values import Values

_answers: WeakKeyDictionary[Values, dict[str, Any] | sandbox.Stopped] = WeakKeyDictionary()


def answer(
    values: Values, limit: float = sandbox.LIMIT, *, run_anyway: bool = False
) -> dict[str, Any]:
    """Return what `sandbox.run_checks.check` finds in the values. Raises `sandbox.Stopped`."""
    if values not in _answers:
        try:
            _answers[values] = sandbox.run(values, "check", limit=limit, run_anyway=run_anyway)
        except sandbox.Stopped as stopped:
            _answers[values] = stopped  # the next rule would only wait for it again
    result = _answers[values]
    if isinstance(result, sandbox.Stopped):
        raise result
    return result
