"""`hub.failures`: an administrator's own words, patience and causes.

hub:
  failures:
    no-gpu:                       # a known cause: what is given here replaces what is there
      user: All GPUs are taken. See status.example.org.
      wait: 600
    our-webhook:                  # a cause of one's own: it is looked for before all others
      signs:
        - where: refused
          message: denied by project-budget
      user: Your project's budget is used up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from ..keys import NUMBER, unknown
from . import PLACES, Failure, Sign
from .catalogue import CATALOGUE

if TYPE_CHECKING:
    from ..errors import Path, Problem
    from ..values import Values

KEY: Path = ("hub", "failures")
TEXTS = ("user", "admin", "next", "waiting")
FIELDS = (*TEXTS, "wait", "rescue", "signs")
SIGN_FIELDS = ("where", "reason", "message")


def catalogue(given: Mapping[str, Any]) -> tuple[Failure, ...]:
    """The known causes with the changes of `hub.failures`, in which `problems` found none."""
    known = {failure.id: failure for failure in CATALOGUE}
    own = [_own(id, fields) for id, fields in given.items() if id not in known]
    changed = (replace(failure, **_changes(given.get(failure.id) or {})) for failure in CATALOGUE)
    return (*own, *changed)


def _own(id: str, fields: dict[str, Any]) -> Failure:
    changes = _changes(fields)
    words = {"admin": changes["user"], "next": "Read what is seen below."}
    return Failure(**{"id": id, **words, **changes})


def _changes(fields: dict[str, Any]) -> dict[str, Any]:
    changes = {key: fields[key] for key in FIELDS if fields.get(key) is not None}
    if "signs" in changes:
        changes["signs"] = tuple(
            Sign(each["where"], each.get("reason") or ".*", each.get("message") or "")
            for each in changes["signs"]
        )
    return changes


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
            close = get_close_matches(str(id), known, n=1)
            yield values.problem(
                at,
                "not a known cause, and a cause of your own needs signs and user",
                expected=f"one of {', '.join(known)}; or signs and user",
                hint=f"did you mean {close[0]}?" if close else "",
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
