"""The one run of the values' own code that several rules ask about."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from .. import sandbox
from ..config.values import Values

_answers: WeakKeyDictionary[Values, dict[str, Any]] = WeakKeyDictionary()


def answer(
    values: Values, limit: float = sandbox.LIMIT, *, run_anyway: bool = False
) -> dict[str, Any]:
    """What `sandbox.run_checks.check` says of the values. Raises `sandbox.Stopped`."""
    if values not in _answers:
        _answers[values] = sandbox.run(values, "check", limit=limit, run_anyway=run_anyway)
    return _answers[values]
