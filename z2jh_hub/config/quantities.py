"""Quantities of memory, CPU and storage, in the two grammars that the values use.

Kubernetes' grammar (`512Mi`, `500m`, `1e3`) is that of `resources` and claims. KubeSpawner reads
memory in its own grammar, in which `G` is 1024**3 and `Gi` is invalid.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

_KUBERNETES = re.compile(
    r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))((?:[KMGTPE]i)|[numkMGTPE]|[eE][+-]?\d{1,3})?"
)
_FACTORS = {
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", 1)},
    **{unit: Decimal(1000) ** -power for power, unit in enumerate("mun", 1)},
}
_KUBESPAWNER = re.compile(r"(\d+(?:\.\d+)?)([KMGT]?)")


def parse(value: Any) -> Decimal | None:
    """Return a Kubernetes quantity as a number of bytes or cores; None if it is invalid."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = Decimal(str(value))
        return number if number.is_finite() else None
    match = _KUBERNETES.fullmatch(value) if isinstance(value, str) else None
    if not match:
        return None
    number, unit = Decimal(match[1]), match[2] or ""
    if unit in _FACTORS or not unit:
        return number * _FACTORS.get(unit, 1)
    return number * Decimal(10) ** int(unit[1:])


def quantity(value: Any) -> float:
    """Return a Kubernetes quantity as a number of bytes or cores. Raises ValueError."""
    number = parse(value)
    if number is None:
        raise ValueError(f"invalid quantity: {value}")
    return float(number)


def readable(number: float, units: Sequence[str], digits: int) -> str:
    """Return a number of bytes in the largest of `units`, each 1024 times the one before."""
    power = 0
    while number >= 1024 and power < len(units) - 1:
        number, power = number / 1024, power + 1
    return f"{number:.{digits}g} {units[power]}"


def memory_bytes(value: Any) -> float | None:
    """Return a quantity of memory in KubeSpawner's grammar in bytes; None if it is invalid."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value if value >= 0 else None
    match = _KUBESPAWNER.fullmatch(value) if isinstance(value, str) else None
    return float(match[1]) * 1024.0 ** (" KMGT".index(match[2] or " ")) if match else None
