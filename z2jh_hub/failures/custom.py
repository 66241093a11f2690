"""`hub.failures`: an administrator's messages, waiting times and causes.

hub:
  failures:
    no-gpu:                       # a known cause: these fields replace the built-in ones
      user: All GPUs are taken. See status.example.org.
      wait: 600
    our-webhook:                  # your own cause: it is checked before the known ones
      signs:
        - where: refused
          message: denied by project-budget
      user: Your project's budget is used up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import Failure, Sign
from .catalogue import CATALOGUE

TEXTS = ("user", "admin", "next", "waiting")
FIELDS = (*TEXTS, "wait", "rescue", "signs")


def catalogue(changes: Mapping[str, Any]) -> tuple[Failure, ...]:
    """Return the known causes with the changes in a valid `hub.failures`."""
    if not changes:
        return tuple(CATALOGUE)
    known = {failure.id: failure for failure in CATALOGUE}
    own = [_own(id, fields) for id, fields in changes.items() if id not in known]
    changed = (replace(failure, **_changes(changes.get(failure.id) or {})) for failure in CATALOGUE)
    return (*own, *changed)


def _own(id: str, fields: dict[str, Any]) -> Failure:
    changes = _changes(fields)
    defaults = {"admin": changes["user"], "next": "Read the message of Kubernetes below."}
    return Failure(**{"id": id, **defaults, **changes})


def _changes(fields: dict[str, Any]) -> dict[str, Any]:
    changes = {key: fields[key] for key in FIELDS if fields.get(key) is not None}
    if "signs" in changes:
        changes["signs"] = tuple(
            Sign(each["where"], each.get("reason") or ".*", each.get("message") or "")
            for each in changes["signs"]
        )
    return changes
