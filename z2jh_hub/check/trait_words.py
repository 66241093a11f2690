"""Describe in the words of values files what traits accept."""

from __future__ import annotations

import re
from typing import Any

_WORDS = {
    "a bytes object": "text",
    "a unicode string": "text",
    "a boolean": "true or false",
    "an int": "a whole number",
    "a float": "a number",
    "a dict": "a mapping",
    "a set": "a list",
    "a tuple": "a list",
    "a callable": "a function",
    "None": "null",
}
_PLURALS = {"List": "lists", "Set": "lists", "Dict": "mappings", "Unicode": "text"}
_NAME = re.compile("|".join(map(re.escape, _WORDS)))
_ANY_OF = re.compile(r"any of \[(.*)\](?: \(case-insensitive\))?")
_SUBCLASS = re.compile(r"a subclass of '([\w.]+)'")
_ITEMS = re.compile(r"[^\s,;\[\]'\"]+")
# what every trait says of a value of another type: it adds nothing to what is expected
_STANDARD = re.compile(
    r"(The '.*' trait of |Element of |Value of )?.*\bexpected .*, not (the|an?) "
)


def expected(info: str, spec: Any = None) -> str:
    """Return the description that a trait gives of its values, without words of Python.

    `spec` is that of `sandbox.table.spec_of`.
    """
    if spec and spec[0] == "Dict" and (inner := _PLURALS.get(spec[2]["value_trait"][0])):
        return f"a mapping of names to {inner}"
    if match := _ANY_OF.search(info):
        return f"one of {match[1]}".replace("'", "")
    info = _SUBCLASS.sub(r"a subclass of \1", info)
    words = _NAME.sub(lambda match: _WORDS[match[0]], info).split(" or ")
    return " or ".join(dict.fromkeys(words))


def advice(info: str, value: Any) -> str:
    """Return how to write `value` so that it is what `info` describes; empty if unknown."""
    kinds = set(info.split(" or "))
    if isinstance(value, str):
        if value.lower() in ("true", "false", "yes", "no"):
            return "remove the quotes"
        if kinds & {"a set", "a list"}:
            return f"write a list: [{', '.join(_ITEMS.findall(value))}]"
        if value.lstrip("-").isdigit():
            return "remove the quotes if this is a number"
    if isinstance(value, (bool, int, float)) and "a unicode string" in kinds:
        return "quote the value"
    if isinstance(value, list) and "a dict" in kinds:
        return "write a mapping: KEY: value on each line, without -"
    return ""


def is_standard(message: str) -> bool:
    """Return whether a trait's message says no more than that the type is wrong."""
    return bool(_STANDARD.match(message))
