"""Read node types and prices: those of a provider, or those of an administrator's file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import Any

from ..check import files
from ..config.errors import MISSING, ConfigError, Origin, Problem
from ..config.key_paths import dotted
from ..config.quantities import parse
from ..config.sources import Source
from ..config.suggestions import did_you_mean
from . import CostError, reading
from .price_schema import SCHEMA

# fields of a price list that are keys of the file
AS_IN_THE_FILE = (
    "provider", "region", "date", "source", "currency", "uncertainty", "user", "core", "node_disk",
    "control_plane", "load_balancer",
)  # fmt: skip
PROVIDERS = ("gcp", "aws", "azure")
GIB = 1024**3
HINT = "`z2jh cost --show-prices` prints a complete file"
# a file with prices has a few kilobytes
MOST_BYTES = 1_000_000

# What GKE reserves for the system: the share of each band, with its upper end in GiB or cores
_MEMORY_BANDS = ((4, 0.25), (8, 0.2), (16, 0.1), (128, 0.06), (float("inf"), 0.02))
_CPU_BANDS = ((1, 0.06), (2, 0.01), (4, 0.005), (float("inf"), 0.0025))
_EVICTION = 0.1 * GIB

Amounts = Mapping[str, float]


@dataclass(frozen=True)
class NodeType:
    """A type of node: its name, what pods can request on it, and the prices of an hour."""

    name: str
    room: Amounts
    hour: float
    spot: float | None = None

    @property
    def is_ordinary(self) -> bool:
        """Whether it has no devices, such as GPUs."""
        return not any("/" in resource for resource in self.room)


@dataclass(frozen=True)
class PriceList:
    """Node types and prices, with their date, source and uncertainty. Months have 730 hours."""

    provider: str
    region: str
    date: str
    source: str
    currency: str
    uncertainty: float
    user: str
    core: str
    nodes: Sequence[NodeType]
    node_disk: float
    disk: float
    control_plane: float
    load_balancer: float
    disk_sizes: Sequence[float] = field(default=())

    @cached_property
    def by_name(self) -> Mapping[str, NodeType]:
        """The node types by their names."""
        return {node.name: node for node in self.nodes}

    def node(self, name: str) -> NodeType:
        """Return the node type called `name`. Raises CostError."""
        if name not in self.by_name:
            hint = did_you_mean(name, self.by_name)
            known = ", ".join(self.by_name)
            message = f"the prices have no node type {name}; they have: {known}"
            raise CostError(f"{message} ({hint})" if hint else message)
        return self.by_name[name]

    def disk_month(self, size: float) -> float:
        """Return the price of a disk of `size` bytes for a month."""
        rounded = next((each for each in self.disk_sizes if each >= size), size)
        return rounded / GIB * self.disk


def text_of(provider: str) -> str:
    """Return the price file of a provider."""
    return (Path(__file__).parent / "prices" / f"{provider}.yaml").read_text("utf-8")


def of_provider(provider: str) -> PriceList:
    """Return the prices of a provider."""
    return read_text(text_of(provider), f"{provider}.yaml")


def of_file(file: Path) -> PriceList:
    """Return the prices in a file. Raises CostError if it is unreadable, and ConfigError."""
    return read_text(reading.text_of(file, MOST_BYTES, "a YAML file with prices"), str(file))


def read_text(text: str, file: str) -> PriceList:
    """Return the prices in `text`, the content of `file`. Raises ConfigError."""
    document = files.parse(text, file)
    if not document.source:
        raise ConfigError(
            replace(problem, expected="a YAML mapping with prices", hint=HINT)
            for problem in document.problems
        )
    problems = [*document.problems, *_problems(document.source)]
    if problems:
        raise ConfigError(problems)
    return _price_list(document.source.data)


def _problems(source: Source) -> list[Problem]:
    from jsonschema.validators import Draft202012Validator, extend

    types = Draft202012Validator.TYPE_CHECKER.redefine("number", lambda _, value: _finite(value))
    results = []
    validator = extend(Draft202012Validator, type_checker=types)  # type: ignore[no-untyped-call]
    for error in _one_for_missing_keys(validator(SCHEMA).iter_errors(source.data)):
        path = tuple(map(str, error.absolute_path))
        of_keys = error.validator in ("required", "additionalProperties")
        results.append(
            Problem(
                dotted(path) or "(file)",
                _message(error.message) if of_keys else "invalid value",
                given=MISSING if of_keys else error.instance,
                expected=error.schema.get("description", ""),
                hint=HINT if of_keys else "",
                origin=source.origin(path) or Origin(source.file),
            )
        )
    if not results:
        results += _unknown_defaults(source)
    return results


def _finite(value: Any) -> bool:
    """Return whether a value is a number. YAML also has `.nan` and `.inf`."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


def _one_for_missing_keys(errors: Iterable[Any]) -> Iterator[Any]:
    """Yield the errors, of those for missing keys only the first of each mapping."""
    mappings = set()
    for error in errors:
        path = tuple(error.absolute_path)
        if error.validator == "required":
            if path in mappings:
                continue
            mappings.add(path)
        yield error


def _message(error: str) -> str:
    """Return an error of jsonschema about missing or unknown keys as a sentence."""
    missing = re.fullmatch(r"'(.+)' is a required property", error)
    if missing:
        return f"the key {missing[1]} is missing"
    unknown = re.search(r"\((.+) (?:was|were) unexpected\)", error)
    return f"unknown key: {unknown[1]}" if unknown else error


def _unknown_defaults(source: Source) -> list[Problem]:
    names = [node["name"] for node in source.data["nodes"]]
    return [
        Problem(
            key, "no node type has this name", given=source.data[key],
            expected=f"one of: {', '.join(names)}", origin=source.origin((key,)),
            hint=did_you_mean(source.data[key], names) or "",
        )
        for key in ("user", "core")
        if source.data[key] not in names
    ]  # fmt: skip


def _price_list(data: Mapping[str, Any]) -> PriceList:
    system = {name: _number(amount) for name, amount in (data.get("system") or {}).items()}
    disk = data["disk"]
    return PriceList(
        **{name: data[name] for name in AS_IN_THE_FILE},
        nodes=[_node_type(node, system) for node in data["nodes"]],
        disk=float(disk["gib"]),
        disk_sizes=sorted(_number(size) for size in disk.get("sizes") or ()),
    )


def _node_type(node: Mapping[str, Any], system: Amounts) -> NodeType:
    cpu, memory = _number(node["cpu"]), _number(node["memory"])
    allocatable = node.get("allocatable") or {}
    room = {
        "cpu": _number(allocatable["cpu"]) if "cpu" in allocatable
        else cpu - reserved(cpu, _CPU_BANDS),
        "memory": _number(allocatable["memory"]) if "memory" in allocatable
        else memory - reserved(memory / GIB, _MEMORY_BANDS) * GIB - _EVICTION,
        "pods": float(node.get("pods", 110)),
        "volumes": float(node.get("volumes", float("inf"))),
    }  # fmt: skip
    room = {name: max(0.0, amount - system.get(name, 0)) for name, amount in room.items()}
    room |= {name: _number(amount) for name, amount in (node.get("resources") or {}).items()}
    spot = node.get("spot")
    return NodeType(node["name"], room, float(node["hour"]), None if spot is None else float(spot))


def reserved(size: float, bands: Sequence[tuple[float, float]]) -> float:
    """Return how much of `size` is reserved, by bands of (upper end, share)."""
    total, start = 0.0, 0.0
    for end, share in bands:
        total += max(0.0, min(size, end) - start) * share
        start = end
    return total


def _number(quantity: Any) -> float:
    number = parse(quantity)
    assert number is not None, quantity  # the schema allows only quantities
    return float(number)
