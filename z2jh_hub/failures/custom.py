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

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from . import Failure, Sign
from .catalogue import CATALOGUE

if TYPE_CHECKING:
    pass

TEXTS = ("user", "admin", "next", "waiting")
FIELDS = (*TEXTS, "wait", "rescue", "signs")


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
