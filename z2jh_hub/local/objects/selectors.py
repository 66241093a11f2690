"""Label and field selectors: which objects a list or a watch is about.

Grammar: Kubernetes' "Labels and Selectors" and "Field Selectors" pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .status import StatusError, bad_request

Test = Callable[[dict[str, Any]], bool]


@dataclass(frozen=True)
class Selector:
    """All of `tests` must hold for an object; `text` is the selector as it was asked."""

    text: str
    tests: tuple[Test, ...]

    def matches(self, obj: dict[str, Any]) -> bool:
        return all(test(obj) for test in self.tests)


_KEY = r"(?P<key>[A-Za-z0-9./_-]+)"
_SET = re.compile(rf"^{_KEY}\s+(?P<how>in|notin)\s*\((?P<values>[^()]*)\)$")
_EQUAL = re.compile(rf"^{_KEY}\s*(?P<how>==|=|!=)\s*(?P<value>[A-Za-z0-9._-]*)$")
_EXISTS = re.compile(rf"^(?P<how>!?)\s*{_KEY}$")
_COMMA = re.compile(r",(?![^(]*\))")  # those between requirements, not those within (a,b)


def labels(text: str | None) -> Selector | None:
    """A label selector such as `app=hub,tier in (a,b),!old`; None selects everything.

    Raises StatusError 400 for what is not one.
    """
    if not text or not text.strip():
        return None
    return Selector(text, tuple(_label_test(part.strip(), text) for part in _COMMA.split(text)))


def _label_test(part: str, whole: str) -> Test:
    if match := _SET.match(part):
        values = frozenset(value.strip() for value in match["values"].split(","))
        return _among(match["key"], values, match["how"] == "in")
    if match := _EQUAL.match(part):
        return _among(match["key"], frozenset({match["value"]}), match["how"] != "!=")
    if match := _EXISTS.match(part):
        return _exists(match["key"], not match["how"])
    raise bad_request(f'unable to parse requirement: "{part}" in label selector "{whole}"')


def _among(key: str, values: frozenset[str], wanted: bool) -> Test:
    # a label that is absent is in no set, so `!=` and `notin` hold for it
    return lambda obj: (_labels_of(obj).get(key) in values) is wanted


def _exists(key: str, wanted: bool) -> Test:
    return lambda obj: (key in _labels_of(obj)) is wanted


def _labels_of(obj: dict[str, Any]) -> dict[str, str]:
    return obj["metadata"].get("labels") or {}


def fields(text: str | None, known: Iterable[str]) -> Selector | None:
    """A field selector such as `involvedObject.kind=Pod,type!=Normal`; None selects everything.

    `known` are the paths the resource may be selected by (its `fields`).
    Raises StatusError 400 for other paths and for what is not a selector.
    """
    if not text or not text.strip():
        return None
    known = frozenset(known)
    return Selector(text, tuple(_field_test(part, known) for part in text.split(",") if part))


def _field_test(part: str, known: frozenset[str]) -> Test:
    match = re.match(r"^\s*([^=!]+?)\s*(==|=|!=)\s*(.*?)\s*$", part)
    if not match:
        raise bad_request(f"invalid field selector: {part!r}: expected PATH=VALUE or PATH!=VALUE")
    path, how, value = match.groups()
    if path not in known:
        raise StatusError(400, f"field label not supported: {path}")
    keys = ("source", "component") if path == "source" else tuple(path.split("."))
    wanted = how != "!="
    return lambda obj: (_text_at(obj, keys) == value) is wanted


def _text_at(obj: Any, keys: tuple[str, ...]) -> str:
    for key in keys:
        obj = obj.get(key) if isinstance(obj, dict) else None
    if isinstance(obj, bool):
        return "true" if obj else "false"
    return "" if obj is None else str(obj)
