"""Validate the values against the chart's schema, as Helm does, with clearer messages."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ...chart import chart_files
from ...chart.schema import chart_schema
from ...config import sources
from ...config.errors import MISSING, Path, Problem
from ...config.suggestions import did_you_mean
from ...config.unknown_keys import FROM_THE_CHART
from ...config.values import Values
from .. import misplaced_keys, type_hints

TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "null",
}
BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "text of at least {} characters",
    "maxLength": "text of at most {} characters",
    "minItems": "a list of at least {} items",
    "maxItems": "a list of at most {} items",
    "minProperties": "a mapping of at least {} keys",
    "const": "{}",
}


def findings(values: Values) -> Iterator[Problem]:
    """Yield a problem for each place where the merged values violate the schema."""
    validator = _validator()(chart_schema().root)
    own = {k: v for k, v in values.given.items() if k not in FROM_THE_CHART}
    for error in validator.iter_errors(sources.merge_as_helm(_defaults(), own)):
        for leaf in _leaves(error):
            yield from _problems(leaf, values)


def _defaults() -> dict[str, Any]:
    return sources.parse(chart_files.read("values.yaml"), "values.yaml").data


def _validator() -> Any:
    with _without("rfc3987_syntax", "isoduration"):
        from jsonschema.validators import Draft7Validator
    return Draft7Validator


@contextmanager
def _without(*modules: str) -> Iterator[None]:
    """Block imports of `modules`, which jsonschema needs a second to load for unused formats."""
    blocked = [name for name in modules if name not in sys.modules]
    sys.modules.update(dict.fromkeys(blocked))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in blocked:
            sys.modules.pop(name, None)


def _leaves(error: Any) -> list[Any]:
    """Return `error`, or the errors of the one alternative that was probably intended."""
    if not error.context:
        return [error]
    branches: dict[Any, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    fitting = [
        branch
        for branch in branches.values()
        if not any(inner.validator in ("type", "const") and not inner.relative_path
                   for inner in branch)
    ]  # fmt: skip
    if len(fitting) == 1:
        return [leaf for inner in fitting[0] for leaf in _leaves(inner)]
    return [error]


def _problems(error: Any, values: Values) -> Iterator[Problem]:
    path = tuple(str(part) for part in error.absolute_path)
    match error.validator:
        case "additionalProperties":
            for key in _extra(error):
                problem = values.problem(
                    (*path, key), "nothing reads this key", given=error.instance[key],
                    rule="unknown-key",
                )  # fmt: skip
                yield misplaced_keys.suggest(problem, values.given)
        case "required":
            for key in error.validator_value:
                if key not in error.instance:
                    yield values.problem(
                        (*path, key), f"missing required key {key}", given=MISSING,
                        rule="missing-key",
                        expected=expected(error.schema.get("properties", {}).get(key, {})),
                    )  # fmt: skip
        case "enum":
            yield _wrong(values, path, error, _one_of(error.validator_value), _near(error))
        case "type" | "anyOf" | "oneOf":
            words = expected(error.schema)
            hint = _quotes(error) or type_hints.hint(path, error.instance, words)
            yield _wrong(values, path, error, words, hint)
        case "pattern":
            yield _wrong(
                values,
                path,
                error,
                f"text that matches the regular expression {error.validator_value}",
            )
        case kind if kind in BOUNDS:
            yield _wrong(values, path, error, BOUNDS[kind].format(error.validator_value))
        case _:
            yield _wrong(values, path, error, expected(error.schema))


def _wrong(values: Values, path: Path, error: Any, expected: str, hint: str = "") -> Problem:
    return values.problem(path, "invalid value", given=error.instance, expected=expected, hint=hint)


def _extra(error: Any) -> Iterable[str]:
    known, patterns = (error.schema.get(name, {}) for name in ("properties", "patternProperties"))
    return [
        key
        for key in error.instance
        if key not in known and not any(re.search(pattern, key) for pattern in patterns)
    ]


def expected(schema: dict[str, Any]) -> str:
    """Return the values that `schema` accepts, in words."""
    schema = chart_schema().resolved(schema)
    if "enum" in schema:
        return _one_of(schema["enum"])
    branches = schema.get("anyOf") or schema.get("oneOf") or ()
    kinds = schema.get("type", ())
    words = [TYPES.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    words = words or [expected(branch) for branch in branches]
    return ", or ".join(dict.fromkeys(word for word in words if word)) or "see `z2jh explain`"


def _one_of(words: Iterable[Any]) -> str:
    shown = ["null" if word is None else str(word) or '""' for word in words]
    return ("one of " if len(shown) > 1 else "") + ", ".join(shown)


def _near(error: Any) -> str:
    known = [word for word in error.validator_value if isinstance(word, str) and word]
    return did_you_mean(error.instance, known) if isinstance(error.instance, str) else ""


def _quotes(error: Any) -> str:
    """Return a hint about quotes, the usual reason for a wrong type."""
    types = error.schema.get("type", ())
    types = {types} if isinstance(types, str) else set(types)
    value = error.instance
    if isinstance(value, (bool, int, float)) and "string" in types:
        return "quote the value"
    if isinstance(value, str) and types & {"integer", "number", "boolean"}:
        return "remove the quotes" if _is_plain_scalar(value) else ""
    if isinstance(value, str) and "array" in types:
        return "write a list: each item on its own line after -, or all items within [ ]"
    return ""


def _is_plain_scalar(text: str) -> bool:
    return text in ("true", "false") or text.replace(".", "", 1).lstrip("-").isdigit()
