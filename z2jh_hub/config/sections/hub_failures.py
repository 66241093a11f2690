"""`hub.failures`: an administrator's messages and waiting times for failed starts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...failures import PLACES
from ...failures.catalogue import CATALOGUE
from ...failures.custom import FIELDS, TEXTS
from ..keys import MAPPING, NUMBER, Key, unknown

if TYPE_CHECKING:
    from ..errors import Path, Problem
    from ..suggestions import did_you_mean
from ..values import Values

KEY: Path = ("hub", "failures")
SIGN_FIELDS = ("where", "reason", "message")

KEYS = (Key("hub.failures", MAPPING, "KubeSpawner.failures"),)


def problems(values: Values) -> Iterator[Problem]:
    """What is wrong with `hub.failures`."""
    given = values.get(KEY)
    if given is None:
        return
    if not isinstance(given, dict):
        yield values.problem(KEY, "not what this key takes", expected="a mapping of causes by id")
        return
    known = [failure.id for failure in CATALOGUE]
    for id, fields in given.items():
        if fields is None:
            continue
        at: Path = (*KEY, str(id))
        if not isinstance(fields, dict):
            yield values.problem(at, "not what this key takes", expected="a mapping")
            continue
        yield from _fields(values, at, fields)
        if id not in known and not (fields.get("signs") and fields.get("user")):
            yield values.problem(
                at,
                "not a known cause, and a cause of your own needs signs and user",
                expected=f"one of {', '.join(known)}; or signs and user",
                hint=did_you_mean(str(id), known),
            )


def _fields(values: Values, at: Path, fields: dict[str, Any]) -> Iterator[Problem]:
    yield from unknown(values, at, fields, FIELDS)
    for key in TEXTS:
        if not isinstance(fields.get(key) or "", str):
            yield values.problem((*at, key), "not what this key takes", expected="text")
    wait = fields.get("wait")
    if wait is not None and (not NUMBER.accepts(wait) or wait < 0):
        expected = "seconds, a number of at least 0"
        yield values.problem((*at, "wait"), "not what this key takes", expected=expected)
    if not isinstance(fields.get("rescue") or False, bool):
        expected = "true or false, without quotes"
        yield values.problem((*at, "rescue"), "not what this key takes", expected=expected)
    signs = fields.get("signs")
    if signs is None:
        return
    if not isinstance(signs, list) or not signs:
        yield values.problem((*at, "signs"), "not what this key takes", expected="a list of signs")
        return
    for index, sign in enumerate(signs):
        yield from _sign(values, (*at, "signs", str(index)), sign)


def _sign(values: Values, at: Path, sign: Any) -> Iterator[Problem]:
    if not isinstance(sign, dict):
        expected = "a mapping with where, and reason or message"
        yield values.problem(at, "not what this key takes", expected=expected)
        return
    yield from unknown(values, at, sign, SIGN_FIELDS)
    if sign.get("where") not in PLACES:
        expected = f"one of {', '.join(PLACES)}"
        yield values.problem((*at, "where"), "not a place where signs are", expected=expected)
    if not (sign.get("reason") or sign.get("message")):
        yield values.problem(at, "fits everything", expected="a reason or a message")
    for key in ("reason", "message"):
        pattern = sign.get(key)
        try:
            re.compile(pattern or "")
        except (re.error, TypeError) as error:
            yield values.problem(
                (*at, key), f"not a regular expression: {error}", expected="a regular expression"
            )
