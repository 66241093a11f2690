"""Tables of keys: the kind of each value, and the trait that it sets.

A section's `KEYS` is a tuple of `Key`. A row with a trait is a complete one-to-one mapping; a key
that needs code has a row without a trait, which validates its value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import MISSING, Path, Problem
from .quantities import memory_bytes
from .suggestions import did_you_mean

if TYPE_CHECKING:
    from traitlets.config import Config

    from .values import Values


INVALID, UNKNOWN = "invalid value", "unknown key; it has no effect"


@dataclass(frozen=True)
class Kind:
    """A kind of value: `expected` describes it, `accepts` tests a value."""

    expected: str
    accepts: Callable[[Any], bool]
    hint: str = ""


@dataclass(frozen=True)
class Key:
    """A dotted key, the kind of its value, and the trait (`Class.name`) it sets, if just one."""

    path: str
    kind: Kind
    trait: str = ""


def check(table: Iterable[Key], values: Values) -> Iterator[Problem]:
    """Report the values of `table` that are not of their kind. Null means unset."""
    for key in table:
        value = values.get(key.path)
        if value is not None and not key.kind.accepts(value):
            yield values.problem(key.path, INVALID, expected=key.kind.expected, hint=key.kind.hint)


def apply(table: Iterable[Key], values: Values, c: Config) -> None:
    """Set the traits of `table` whose values are not null."""
    for key in table:
        if key.trait:
            value = values.get(key.path)
            if value is not None:
                class_name, trait = key.trait.split(".")
                c[class_name][trait] = value


def unknown(
    values: Values, at: Path, keys: Iterable[Any], known: Collection[str]
) -> Iterator[Problem]:
    """Report the keys of the mapping at `at` that are not in `known`."""
    for key in keys:
        if key not in known:
            yield values.problem(
                (*at, str(key)),
                UNKNOWN,
                expected=f"one of {', '.join(known)}",
                hint=did_you_mean(str(key), known),
            )


def above_limits(values: Values, at: str) -> Iterator[Problem]:
    """Report memory and CPU guarantees in the mapping at `at` that exceed their limits."""
    kinds: tuple[tuple[str, Kind, Callable[[Any], Any]], ...] = (
        ("memory", MEMORY, memory_bytes),
        ("cpu", CPU, float),
    )
    for name, kind, amount in kinds:
        limit_key, key = f"{at}.{name}.limit", f"{at}.{name}.guarantee"
        limit, guarantee = values.get(limit_key), values.get(key)
        if None in (limit, guarantee) or not (kind.accepts(limit) and kind.accepts(guarantee)):
            continue
        # 0 means no limit
        if amount(limit) and amount(guarantee) > amount(limit):
            yield values.problem(
                key,
                f"exceeds {limit_key}, {limit}; Kubernetes rejects such a pod",
                expected=f"at most {limit}",
                hint=f"raise {limit_key} or lower the guarantee",
                rule="guarantee-above-limit",
            )


def resolved(cls: Any, c: Config, trait: str) -> Any:
    """Return the value that `c` configures for a trait of `cls`; MISSING if there is none."""
    value: Any = MISSING
    for name in cls.section_names():
        if name in c and trait in c[name]:
            value = c[name][trait]
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    # Helm may have turned 3600 into 3600.0
    return _is_number(value) and math.isfinite(value) and value == int(value)


def integer(minimum: int | None = None) -> Kind:
    """Return the kind of whole numbers that are at least `minimum`."""
    bound = "" if minimum is None else f" of at least {minimum}"
    return Kind(
        f"a whole number{bound}, without quotes",
        lambda v: _is_integer(v) and (minimum is None or v >= minimum),
    )


def one_of(*words: str) -> Kind:
    """Return the kind of the values `words`."""
    return Kind("one of " + ", ".join(words), lambda v: v in words)


def matching(pattern: str, expected: str, hint: str = "") -> Kind:
    """Return the kind of text that matches the whole `pattern`."""
    rule = re.compile(pattern)
    return Kind(expected, lambda v: isinstance(v, str) and bool(rule.fullmatch(v)), hint)


def list_of(kind: Kind, expected: str) -> Kind:
    """Return the kind of lists of `kind`."""
    return Kind(expected, lambda v: isinstance(v, list) and all(map(kind.accepts, v)))


def either(first: Kind, second: Kind) -> Kind:
    """Return the kind of values of either kind."""
    return Kind(
        f"{first.expected}, or {second.expected}",
        lambda v: first.accepts(v) or second.accepts(v),
    )


ANYTHING = Kind("anything", lambda _: True)
TEXT = Kind("text", lambda v: isinstance(v, str))
BOOLEAN = Kind("true or false, without quotes", lambda v: isinstance(v, bool))
NUMBER = Kind("a number, without quotes", _is_number)
MAPPING = Kind("a mapping", lambda v: isinstance(v, dict))
MAPPINGS = list_of(MAPPING, "a list of mappings")
TEXTS = list_of(TEXT, "a list of strings")
# names of Secrets, or Kubernetes' references {name: …}
REFERENCES = list_of(
    Kind("", lambda v: isinstance(v, str) or (isinstance(v, dict) and bool(v.get("name")))),
    "a list of names",
)
NAMED = either(MAPPING, MAPPINGS)
NAMED_MAPPINGS = either(
    MAPPINGS,
    Kind(
        "a mapping of names to mappings",
        lambda v: isinstance(v, dict) and all(map(MAPPING.accepts, v.values())),
    ),
)

MEMORY = Kind(
    "a number of bytes, optionally with the suffix K, M, G or T, such as 512M or 1.5G",
    lambda v: memory_bytes(v) is not None,
    hint="write Gi as G and Mi as M; here, both are powers of two",
)
CPU = Kind("a number of cores, such as 0.5 or 2", lambda v: _is_number(v) and v >= 0)


def tag_text(tag: Any) -> str:
    """Return an image's tag as text, as the chart's `jupyterhub.tag` does."""
    return str(int(tag)) if _is_integer(tag) else str(tag)
