"""`hub.failures`: an administrator's messages and waiting times for failed starts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...failures import PLACES
from ...failures.catalogue import CATALOGUE
from ...failures.custom import FIELDS, TEXTS
from ..keys import INVALID, MAPPING, NUMBER, Key, unknown
from ..suggestions import did_you_mean

if TYPE_CHECKING:
    from ..errors import Path, Problem
    from ..values import Values

KEY: Path = ("hub", "failures")
SIGN_FIELDS = ("where", "reason", "message")

KEYS = (Key("hub.failures", MAPPING, "KubeSpawner.failures"),)


def problems(values: Values) -> Iterator[Problem]:
    """Report invalid entries of `hub.failures`."""
    causes = values.get(KEY)
    if causes is None:
        return
    if not isinstance(causes, dict):
        yield values.problem(KEY, INVALID, expected="a mapping of causes by id")
        return
    known = [failure.id for failure in CATALOGUE]
    for id, fields in causes.items():
        if fields is None:
            continue
        at: Path = (*KEY, str(id))
        if not isinstance(fields, dict):
            yield values.problem(at, INVALID, expected="a mapping")
            continue
        yield from _fields(values, at, fields)
        if id not in known and not (fields.get("signs") and fields.get("user")):
            yield values.problem(
                at,
                "unknown cause; a new cause needs signs and user",
                expected=f"one of {', '.join(known)}; or signs and user",
                hint=did_you_mean(str(id), known),
            )


def _fields(values: Values, at: Path, fields: dict[str, Any]) -> Iterator[Problem]:
    yield from unknown(values, at, fields, FIELDS)
    for key in TEXTS:
        if not isinstance(fields.get(key) or "", str):
            yield values.problem((*at, key), INVALID, expected="text")
    wait = fields.get("wait")
    if wait is not None and (not NUMBER.accepts(wait) or wait < 0):
        expected = "seconds, a number of at least 0"
        yield values.problem((*at, "wait"), INVALID, expected=expected)
    if not isinstance(fields.get("rescue") or False, bool):
        expected = "true or false, without quotes"
        yield values.problem((*at, "rescue"), INVALID, expected=expected)
    signs = fields.get("signs")
    if signs is None:
        return
    if not isinstance(signs, list) or not signs:
        yield values.problem((*at, "signs"), INVALID, expected="a list of signs")
        return
    for index, sign in enumerate(signs):
        yield from _sign(values, (*at, "signs", str(index)), sign)


def _sign(values: Values, at: Path, sign: Any) -> Iterator[Problem]:
    if not isinstance(sign, dict):
        expected = "a mapping with where, and reason or message"
        yield values.problem(at, INVALID, expected=expected)
        return
    yield from unknown(values, at, sign, SIGN_FIELDS)
    if sign.get("where") not in PLACES:
        expected = f"one of {', '.join(PLACES)}"
        yield values.problem((*at, "where"), "unknown source of signs", expected=expected)
    if not (sign.get("reason") or sign.get("message")):
        yield values.problem(
            at,
            "a sign without a reason or message matches every failure",
            expected="a reason or a message",
        )
    for key in ("reason", "message"):
        pattern = sign.get(key)
        try:
            re.compile(pattern or "")
        except (re.error, TypeError) as error:
            yield values.problem(
                (*at, key), f"invalid regular expression: {error}", expected="a regular expression"
            )
