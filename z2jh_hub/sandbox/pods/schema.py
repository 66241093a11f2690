"""Validate the manifest of a pod or a claim by the schema that Kubernetes publishes.

`schema.json` is written by `tools/pod_schema.py`, which describes its format.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path as File
from typing import Any

from ...config import quantities
from ...config.suggestions import closest

Path = tuple[str, ...]

_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "quantity": "a quantity such as 500m, 2 or 1Gi",
    "int-or-string": "a number or text",
}


@dataclass(frozen=True)
class Mistake:
    """A part of a manifest that Kubernetes rejects, or drops (`kind` unknown).

    `path` has list indices as text. `kind` is type, choice, quantity, missing, unknown, rule
    or relaxed, for what only new versions of Kubernetes accept.
    """

    path: Path
    value: Any
    kind: str
    message: str
    expected: str = ""
    hint: str = ""


@cache
def _types() -> dict[str, dict[str, str]]:
    text = File(__file__).with_name("schema.json").read_text("utf-8")
    types: dict[str, dict[str, str]] = json.loads(text)
    return types


def mistakes(manifest: dict[str, Any]) -> Iterator[Mistake]:
    """Yield the mistakes of a manifest, whose kind is Pod or PersistentVolumeClaim."""
    yield from _of(manifest["kind"], manifest, ())


def of_field(owner: str, field: str, value: Any) -> Iterator[Mistake]:
    """Yield the mistakes of a value of a field of the type `owner`, or of the type `field`."""
    yield from _of(_types()[owner][field] if owner else field, value, ())


def fields(name: str) -> list[str]:
    """Return the fields of a type of Kubernetes, such as Toleration; empty if it is unknown."""
    return list(_types().get(name, ()))


def without(manifest: dict[str, Any], wrong: Iterable[Mistake]) -> dict[str, Any]:
    """Return a copy of a manifest without its parts of the wrong type."""
    copy: dict[str, Any] = deepcopy(manifest)
    for mistake in wrong:
        *above, last = mistake.path
        node: Any = copy
        for part in above:
            node = node[int(part)] if isinstance(node, list) else (node or {}).get(part)
        if mistake.kind == "type" and isinstance(node, dict):
            node.pop(last, None)
        elif mistake.kind == "type" and isinstance(node, list):
            node[int(last)] = {}
    return copy


def _of(code: str, value: Any, path: Path) -> Iterator[Mistake]:
    code = code.removesuffix("!")
    if value is None or code == "any":
        return  # null is the same as absent
    if code[0] == "[":
        if not isinstance(value, list):
            yield _wrong_type(path, value, f"a list of {_noun(code[1:])}")
            return
        for index, item in enumerate(value):
            yield from _of(code[1:], item, (*path, str(index)))
    elif code[0] == "{":
        if not isinstance(value, dict):
            yield _wrong_type(path, value, f"a mapping of names to {_noun(code[1:])}")
            return
        for key, item in value.items():
            yield from _of(code[1:], item, (*path, str(key)))
    elif code in _types():
        yield from _of_type(code, value, path)
    else:
        yield from _of_scalar(code, value, path)


def _of_type(name: str, value: Any, path: Path) -> Iterator[Mistake]:
    fields = _types()[name]
    if not isinstance(value, dict):
        yield _wrong_type(path, value, f"a mapping with {', '.join(list(fields)[:3])} …")
        return
    for key, item in value.items():
        if key in fields:
            yield from _of(fields[key], item, (*path, str(key)))
        elif item is not None and not (len(path) == 0 and key == "status"):
            yield _unknown((*path, str(key)), item, fields)
    for key, code in fields.items():
        if code.endswith("!") and value.get(key) is None:
            yield Mistake((*path, key), None, "missing", f"{key} is missing", key)


def _unknown(path: Path, value: Any, fields: dict[str, str]) -> Mistake:
    near = closest(path[-1], fields)
    return Mistake(
        path, value, "unknown", f"Kubernetes knows no field {path[-1]} here and drops it",
        "" if near else f"one of {', '.join(fields)}", f"did you mean {near}?" if near else "",
    )  # fmt: skip


def _of_scalar(code: str, value: Any, path: Path) -> Iterator[Mistake]:
    if code[0] == "=":
        choices = code[1:].split("|")
        if not isinstance(value, str):
            yield _wrong_type(path, value, f"one of {', '.join(choices)}")
        elif value and value not in choices:
            near = closest(value, choices)
            yield Mistake(
                path, value, "choice", f"{_name(path)} cannot be {value}",
                f"one of {', '.join(choices)}", f"did you mean {near}?" if near else "",
            )  # fmt: skip
    elif code == "quantity":
        if quantities.parse(value) is None:
            yield Mistake(
                path, value, "quantity", f"{path[-1]} is not a quantity", _WORDS[code],
                _quantity_hint(value),
            )  # fmt: skip
    elif not _fits(code, value):
        yield _wrong_type(path, value, _WORDS[code])


def _fits(code: str, value: Any) -> bool:
    if isinstance(value, bool):
        return code == "boolean"
    match code:
        case "string":
            return isinstance(value, str)
        case "integer":
            return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        case "number":
            return isinstance(value, (int, float))
        case "int-or-string":
            return isinstance(value, (int, str))
    return False


def _wrong_type(path: Path, value: Any, expected: str) -> Mistake:
    hint = ""
    if expected == _WORDS["string"] and isinstance(value, (bool, int, float)):
        hint = "put the value in quotes"
    elif isinstance(value, str) and expected != _WORDS["string"]:
        hint = "remove the quotes" if value.isdigit() or value in ("true", "false") else ""
    return Mistake(path, value, "type", f"{_name(path)} must be {expected}", expected, hint)


def _name(path: Path) -> str:
    return next((part for part in reversed(path) if not part.isdigit()), "value")


def _quantity_hint(value: Any) -> str:
    """Return the quantity that text such as 256MB or 2 GiB was probably meant to be."""
    text = str(value).replace(" ", "") if isinstance(value, str) else ""
    for end in ("iB", "B", "b", "ib"):
        short = text.removesuffix(end) + ("i" if end.startswith("i") else "")
        if text.endswith(end) and quantities.parse(short) is not None:
            return f"did you mean {short}?"
    return ""


def _noun(code: str) -> str:
    code = code.removesuffix("!")
    if code[0] in "[{":
        return "lists" if code[0] == "[" else "mappings"
    return {"string": "text", "quantity": "quantities"}.get(code, "mappings")
