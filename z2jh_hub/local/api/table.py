"""`kubectl get`: objects as rows of a Table."""

from __future__ import annotations

from typing import Any

from ..objects.resources import Resource
from .columns import COLUMNS, CREATED, NAME, Column

Object = dict[str, Any]


def table(
    resource: Resource,
    objects: list[Object],
    number: str,
    include: str,
    now: float,
    *,
    headed: bool = True,
) -> Object:
    """Objects as a Table; `now` is a Unix time, for ages; `include` as in `answers.Form`."""
    columns = COLUMNS.get(resource, [NAME, CREATED])
    answer: Object = {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": number},
        "columnDefinitions": [_definition(column) for column in columns] if headed else None,
        "rows": [
            {"cells": [show(obj, now) for _, _, show in columns], **_object(obj, include)}
            for obj in objects
        ],
    }
    return {key: value for key, value in answer.items() if value is not None}


def _definition(column: Column) -> Object:
    name, priority, _ = column
    return {
        "name": name,
        "type": "date" if name == "Created At" else "string",
        "format": "name" if name == "Name" else "",
        "description": "",
        "priority": priority,
    }


def _object(obj: Object, include: str) -> Object:
    if include == "None":
        return {}
    return {"object": obj if include == "Object" else partial(obj)}


def partial(obj: Object) -> Object:
    """An object's metadata alone."""
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": obj["metadata"],
    }
