"""Explain the exceptions of servers that fail to start because of a setting."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ..config.errors import MISSING, Problem
from ..config.suggestions import closest, hint
from ..sandbox.pods import schema
from . import trait_words
from .causes import Located

# names that KubeSpawner expands
TEMPLATES = ("username", "servername", "userid", "unescaped_username", "unescaped_servername",
             "user_server", "pod_name", "pvc_name", "namespace", "hubnamespace")  # fmt: skip
# what Python raises for text that is no template
_OF_FORMAT = ("KeyError", "IndexError", "ValueError", "AttributeError")
# traits whose parts are nothing by themselves → what the whole is
_OF_A_WHOLE = {
    "environment": "a mapping of names to values",
    "tolerations": "a list of mappings",
    "init_containers": "a list of mappings",
}
# a message of traitlets: the trait, and what it expects
_EXPECTED = re.compile(r"^The '(\w+)' trait of an? \w+ instance expected (.*), not ")

# a message of KubeSpawner: a type of Kubernetes' client, and a field that it lacks
_NO_FIELD = re.compile(r"^'V1(\w+)' did not have an attribute matching '(\w+)'")


def problem(finding: dict[str, Any], place: Located, raised: str) -> Problem | None:
    """Return the problem of a setting with which servers fail; None if another rule has it."""
    steps = [*finding["cause"].get("steps", ()), *finding["cause"].get("inside", ())]
    name = str((*place.path, *steps)[-1]) if steps or place.path else "this text"
    value = finding.get("value")
    expected = _EXPECTED.search(finding["message"])
    trait = _malformed(steps, finding["message"])
    if trait:
        return _at(place, trait).problem(
            f"{trait} must be {_OF_A_WHOLE[trait]}, so no server starts", given=MISSING,
            expected=_OF_A_WHOLE[trait], rule="trait-value",
        )  # fmt: skip
    if no_field := _NO_FIELD.search(finding["message"]):
        return place.problem(
            f"Kubernetes knows no field {no_field[2]} here, so no server starts",
            expected=f"one of {', '.join(schema.fields(no_field[1]))}",
            hint=hint(closest(no_field[2], schema.fields(no_field[1]))), rule="start-fails",
        )  # fmt: skip
    if expected:
        place = _at(place, expected[1])
    if expected and place.piece is None and place.path[:2] == ("hub", "config"):
        return None  # reported by `traits`
    if isinstance(value, str) and "{" in value and finding["type"] in _OF_FORMAT:
        unknown = finding["message"].strip("'")
        near = next((name for name in TEMPLATES if name.startswith(unknown)), "")
        near = near or closest(unknown, TEMPLATES)
        return place.problem(
            f"KubeSpawner expands text in braces in {name}, and does not know this one, so no "
            "server starts",
            expected="a name that KubeSpawner expands, such as {username}",
            hint=hint(f"{{{near}}}" if near else "")
            or "to keep braces, as in JSON, double each: {{ and }}", rule="start-fails",
        )  # fmt: skip
    if finding["cause"].get("trait") == "environment" or "environment" in steps:
        return place.problem(
            f"{name} must be text, so no server starts", expected="text",
            hint="put the value in quotes", rule="pod-rejected",
        )  # fmt: skip
    if expected:
        return place.problem(
            f"invalid value for {expected[1]}, so no server starts",
            expected=trait_words.expected(expected[2]), rule="trait-value",
        )  # fmt: skip
    return place.problem(f"no server starts with this value: {raised}", rule="start-fails")


def _malformed(steps: list[Any], message: str) -> str:
    """Return the trait of which a part is wrong because the whole has the wrong shape."""
    for index, step in enumerate(steps):
        inside = steps[index + 1 :]
        if step == "environment" and (not inside or str(inside[0]).isdigit()):
            return str(step)
        if step in _OF_A_WHOLE and "type 'dict'" in message:
            return str(step)
    return ""


def _at(place: Located, trait: str) -> Located:
    """Return the place of a trait that contains `place`."""
    if place.piece is None and trait in place.path:
        return replace(place, path=place.path[: place.path.index(trait) + 1])
    return place
