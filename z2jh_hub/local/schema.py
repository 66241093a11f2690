"""The fields that each kind has."""

from __future__ import annotations

from typing import Any

from z2jh_hub.local.resources import Resource
from z2jh_hub.local.status import StatusError, bad_request

Object = dict[str, Any]


def clean(resource: Resource, obj: Object) -> tuple[Object, list[str]]:
    return obj, []


def strict_error(resource: Resource, unknown: list[str]) -> StatusError:
    return bad_request("strict decoding error: " + ", ".join(unknown))
