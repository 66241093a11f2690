"""Tables of values: which key is of what kind, and which trait it sets.

A section's `KEYS` is a tuple of `Key`. One-to-one mappings are told whole by their
row; a key that needs code has a row without a trait, so that its kind is checked.
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


@dataclass(frozen=True)
class Kind:
    """What a value must be: `expected` says it in words, `accepts` decides."""

    expected: str
    accepts: Callable[[Any], bool]
    hint: str = ""


@dataclass(frozen=True)
class Key:
    """One value: its dotted path, its kind, and the trait (`Class.name`) it sets, if just one."""

    path: str
    kind: Kind
    trait: str = ""


def check(table: Iterable[Key], values: Values) -> Iterator[Problem]:
    """The values of `table` that are not of their kind. Null stands for unset."""
    for key in table:
        given = values.get(key.path)
        if given is not None and not key.kind.accepts(given):
            yield values.problem(
                key.path, "not what this key takes", expected=key.kind.expected, hint=key.kind.hint
            )


def apply(table: Iterable[Key], values: Values, c: Config) -> None:
    """Set the traits of `table` whose values are given."""
    for key in table:
        if key.trait:
            value = values.get(key.path)
            if value is not None:
                class_name, trait = key.trait.split(".")
                c[class_name][trait] = value


def unknown(
    values: Values, at: Path, given: Iterable[Any], known: Collection[str]
) -> Iterator[Problem]:
    """The keys that are given in the mapping at `at`, and are none of those that are known."""
    for key in given:
        if key not in known:
            yield values.problem(
                (*at, str(key)),
                "nothing reads this key",
                expected=f"one of {', '.join(known)}",
                hint=did_you_mean(str(key), known),
            )


def above_limits(values: Values, at: str) -> Iterator[Problem]:
    """The guarantees of memory and CPU in the mapping at `at` that their limits do not allow."""
    kinds: tuple[tuple[str, Kind, Callable[[Any], Any]], ...] = (
        ("memory", MEMORY, memory_bytes),
        ("cpu", CPU, float),
    )
    for name, kind, amount in kinds:
        limit_key, key = f"{at}.{name}.limit", f"{at}.{name}.guarantee"
        limit, guarantee = values.get(limit_key), values.get(key)
        if None in (limit, guarantee) or not (kind.accepts(limit) and kind.accepts(guarantee)):
            continue
        # 0 is KubeSpawner's way to say: no limit
        if amount(limit) and amount(guarantee) > amount(limit):
            yield values.problem(
                key,
                f"a guarantee above its limit: no pod can be made with {limit_key}: {limit}",
                expected=f"at most {limit}",
                hint=f"raise {limit_key} or lower the guarantee",
                rule="guarantee-above-limit",
            )


def resolved(cls: Any, c: Config, trait: str) -> Any:
    """What `c` gives to a trait of an object of class `cls`; MISSING where nothing."""
    found: Any = MISSING
    for name in cls.section_names():
        if name in c and trait in c[name]:
            found = c[name][trait]
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    # Helm's YAML may have made 3600 of 3600.0
    return _is_number(value) and math.isfinite(value) and value == int(value)


def integer(minimum: int | None = None) -> Kind:
    """A whole number, of at least `minimum`."""
    bound = "" if minimum is None else f" of at least {minimum}"
    return Kind(
        f"a whole number{bound}, without quotes",
        lambda v: _is_integer(v) and (minimum is None or v >= minimum),
    )


def one_of(*words: str) -> Kind:
    """One of some words."""
    return Kind("one of " + ", ".join(words), lambda v: v in words)


def matching(pattern: str, expected: str, hint: str = "") -> Kind:
    """Text that matches `pattern` as a whole."""
    rule = re.compile(pattern)
    return Kind(expected, lambda v: isinstance(v, str) and bool(rule.fullmatch(v)), hint)


def list_of(kind: Kind, expected: str) -> Kind:
    """A list whose items are all of a kind."""
    return Kind(expected, lambda v: isinstance(v, list) and all(map(kind.accepts, v)))


def either(first: Kind, second: Kind) -> Kind:
    """Of one kind or of another."""
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
TEXTS = list_of(TEXT, "a list of text")
# an image pull secret or the like: its name, or Kubernetes' {name: …}
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
    "a number of bytes, or one with K, M, G or T behind it, such as 512M or 1.5G",
    lambda v: memory_bytes(v) is not None,
    hint="Kubernetes' own Gi and Mi are written G and M here",
)
CPU = Kind("a number of cores, such as 0.5 or 2", lambda v: _is_number(v) and v >= 0)


def tag_text(tag: Any) -> str:
    """An image's tag as text; the chart's `jupyterhub.tag` does the same."""
    return str(int(tag)) if _is_integer(tag) else str(tag)
