"""The fields that each kind of object has, and of what type: checked when an object comes in.

The types are those of the Kubernetes client's own models, so there is no list of them here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from .resources import Resource
from .status import StatusError, bad_request

Object = dict[str, Any]

# Kinds whose model is not `V1` and the kind.
_MODELS = {"Event": "CoreV1Event"}
# Fields that hold quantities (`500m`, `1Gi`), or maps of them.
QUANTITIES = frozenset(
    {"limits", "requests", "capacity", "allocatable", "overhead", "hard", "used", "sizeLimit",
     "divisor", "default", "defaultRequest", "max", "min", "allocatedResources"}
)  # fmt: skip
# Fields that are left out when they are false or empty: there it is what their absence means.
_SILENT = frozenset({"hostNetwork", "hostPID", "hostIPC", "stdin", "stdinOnce", "tty", "readOnly"})
_GO_NAMES = {"str": "string", "int": "int64", "bool": "bool", "float": "float64"}
_QUANTITY = re.compile(r"^([+-]?)(\d*)(?:\.(\d*))?([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$")
_QUANTITY_RULE = "quantities must match the regular expression "
_QUANTITY_RULE += r"'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"


@dataclass(frozen=True)
class _Model:
    """A type with named fields: JSON name → type."""

    name: str
    fields: dict[str, str]


class _Mismatch(Exception):
    """A value of the wrong type; the text is the one a Go server gives."""


def clean(resource: Resource, obj: Object) -> tuple[Object, list[str]]:
    """A copy of `obj` without nulls and unknown fields, and what was unknown, in words.

    Raises StatusError 400 for a value of the wrong type.
    """
    unknown: list[str] = []
    try:
        cleaned = _mapping(
            obj, _model(_MODELS.get(resource.kind, f"V1{resource.kind}")), "", unknown
        )
    except _Mismatch as mismatch:
        raise _unreadable(resource, str(mismatch)) from None
    return cleaned, [f'unknown field "{path}"' for path in unknown]


def strict_error(resource: Resource, unknown: list[str]) -> StatusError:
    """400: fields that there are not, where the client asked for strictness."""
    return _unreadable(resource, f"strict decoding error: {', '.join(unknown)}")


def _unreadable(resource: Resource, why: str) -> StatusError:
    kind = resource.kind
    return bad_request(
        f'{kind} in version "{resource.version}" cannot be handled as a {kind}: {why}'
    )


@cache
def _model(name: str) -> _Model:
    # imported when the first object arrives: half a second that a start need not wait for
    from kubernetes_asyncio.client import models

    model = getattr(models, name)
    types: dict[str, str] = model.openapi_types
    return _Model(name, {json: types[python] for python, json in model.attribute_map.items()})


def _mapping(value: Object, model: _Model, path: str, unknown: list[str]) -> Object:
    result: Object = {}
    for key, item in value.items():
        if key not in model.fields:
            if item is not None:
                unknown.append(f"{path}{key}")
            continue
        if item is None:
            continue
        cleaned = _value(item, model.fields[key], key, f"{path}{key}", unknown, model)
        if _says_something(key, cleaned, model):
            result[key] = cleaned
    return result


def _says_something(key: str, value: Any, model: _Model) -> bool:
    if isinstance(value, list):
        return bool(value)
    if value == {}:
        return not model.fields[key].startswith("dict")
    if value is False:
        return key not in _SILENT
    return not (value == "" and model.name == "V1EnvVar")


def _value(value: Any, type_: str, key: str, path: str, unknown: list[str], owner: _Model) -> Any:
    if type_ == "object":
        return value
    if key in QUANTITIES and type_ in ("str", "dict(str, str)"):
        return _quantities(value, path, owner)
    if type_.startswith("list["):
        inner = type_[5:-1]
        if not isinstance(value, list):
            raise _mismatch(value, path, owner, f"[]{_go_name(inner)}")
        items = enumerate(value)
        return [_value(v, inner, key, f"{path}[{i}]", unknown, owner) for i, v in items]
    if type_.startswith("dict("):
        inner = type_[5:-1].partition(", ")[2]
        if not isinstance(value, dict):
            raise _mismatch(value, path, owner, f"map[string]{_go_name(inner)}")
        entries = {k: v for k, v in value.items() if v is not None}
        return {
            k: _value(v, inner, key, path if inner == "str" else f"{path}.{k}", unknown, owner)
            for k, v in entries.items()
        }
    if type_ in ("str", "datetime", "int", "bool", "float"):
        if not _fits(value, type_):
            raise _mismatch(value, path, owner, _GO_NAMES.get(type_, "string"))
        return value
    if not isinstance(value, dict):
        raise _mismatch(value, path, owner, _go_name(type_))
    return _mapping(value, _model(type_), f"{path}.", unknown)


def _fits(value: Any, type_: str) -> bool:
    if type_ == "bool":
        return isinstance(value, bool)
    if type_ == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if type_ == "float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def _mismatch(value: Any, path: str, owner: _Model, wanted: str) -> _Mismatch:
    words = {dict: "object", list: "array", str: "string", bool: "bool"}
    actual = words.get(type(value), "number")
    shown = re.sub(r"\[\d+\]", "", path)
    holder = re.sub(r"^(Core)?V1", "", owner.name)
    return _Mismatch(
        f"json: cannot unmarshal {actual} into Go struct field {holder}.{shown} of type {wanted}"
    )


def _go_name(type_: str) -> str:
    return _GO_NAMES.get(type_) or re.sub(r"^(Core)?V1", "v1.", type_)


def _quantities(value: Any, path: str, owner: _Model) -> Any:
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | bool):
        raise _mismatch(value, path, owner, "resource.Quantity")
    return canonical(value)


def canonical(value: Any) -> str:
    """A quantity as the API server writes it: 0.5 is `500m`, 1.5Gi is `1536Mi`."""
    text = str(value) if isinstance(value, str | int | float) else ""
    match = _QUANTITY.match(text)
    if isinstance(value, bool) or match is None or not (match[2] or match[3]):
        raise _Mismatch(_QUANTITY_RULE)
    sign, whole, fraction, suffix = (
        match[1],
        match[2] or "0",
        (match[3] or "").rstrip("0"),
        match[4],
    )
    suffix = suffix or ""
    if suffix.endswith("i"):
        return _binary(sign, whole, fraction, suffix)
    return _decimal(sign, whole + fraction, -len(fraction), suffix)


_EXPONENTS = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_SUFFIX_OF = {exponent: suffix for suffix, exponent in _EXPONENTS.items()}
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")


def _decimal(sign: str, digits: str, exponent: int, suffix: str) -> str:
    scientific = suffix[:1] in ("e", "E") and suffix != "E"
    exponent += int(suffix[1:]) if scientific else _EXPONENTS[suffix]
    number = int(digits)
    if number == 0:
        return "0"
    while number % 10 == 0:
        number, exponent = number // 10, exponent + 1
    target = min(max((exponent // 3) * 3, -9), 18)
    number = number * 10 ** (exponent - target) if exponent >= target else -(-number // 10)
    shown = f"{'-' if sign == '-' else ''}{number}"
    if scientific:
        return shown + (f"e{target}" if target else "")
    return shown + _SUFFIX_OF[target]


def _binary(sign: str, whole: str, fraction: str, suffix: str) -> str:
    scale = 1024 ** _BINARY.index(suffix)
    exact = int(whole + fraction) * scale
    number = -(-exact // 10 ** len(fraction))  # parts of a byte count as one
    power = 0
    while number and number % 1024 == 0 and power < len(_BINARY) - 1:
        number, power = number // 1024, power + 1
    return f"{'-' if sign == '-' and number else ''}{number}{_BINARY[power]}"
