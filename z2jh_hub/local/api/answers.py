"""Answers in the form a client asked for: JSON, kubectl's Table, metadata only, YAML."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import yaml
from aiohttp import web

from ..objects.resources import Resource
from ..objects.status import StatusError
from ..objects.versions import Event, Version, dump
from . import table

Object = dict[str, Any]
JSON = "application/json"
_ANY = (JSON, "application/*", "*/*", "")


@dataclass(frozen=True)
class Form:
    """What to make of objects: `kind` is "", "Table" or "PartialObjectMetadata".

    `include` says what of an object its table row carries: "None", "Metadata" or "Object".
    """

    kind: str = ""
    yaml: bool = False
    include: str = "Metadata"

    @property
    def plain(self) -> bool:
        return not self.kind

    def render(self, body: bytes, status: int = 200) -> web.Response:
        """The answer that holds `body`, which is JSON."""
        if self.yaml:
            text = yaml.safe_dump(json.loads(body), sort_keys=False)
            return web.Response(text=text, status=status, content_type="application/yaml")
        return web.Response(body=body, status=status, content_type=JSON)


PLAIN = Form()


def form(request: web.Request) -> Form:
    """The first form of the Accept header that can be made; StatusError 406 when none can."""
    accept = request.headers.get("Accept", "")
    if accept in (JSON, "*/*", ""):
        return PLAIN
    for choice in accept.split(","):
        media, *options = (part.strip() for part in choice.split(";"))
        parameters = dict(item.split("=", 1) for item in options if "=" in item)
        kind = parameters.get("as", "").removesuffix("List")
        if kind and (parameters.get("g") != "meta.k8s.io" or parameters.get("v") != "v1"):
            continue
        if kind not in ("", "Table", "PartialObjectMetadata"):
            continue
        if media in _ANY or media == "application/yaml":
            include = request.query.get("includeObject") or "Metadata"
            return Form(kind, media == "application/yaml", include)
    known = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
    message = f"only the following media types are accepted: {known.rpartition(',')[0]}"
    raise StatusError(406, message, details={})


def one(resource: Resource, version: Version, wanted: Form, now: float) -> bytes:
    """One object."""
    if wanted.kind == "Table":
        return dump(table.table(resource, [version.obj], str(version.number), wanted.include, now))
    if wanted.kind:
        return dump(table.partial(version.obj))
    return version.json()


def several(
    resource: Resource, versions: list[Version], metadata: Object, wanted: Form, now: float
) -> bytes:
    """A list; `metadata` is the list's own."""
    if wanted.kind == "Table":
        objects = [version.obj for version in versions]
        rows = table.table(resource, objects, metadata["resourceVersion"], wanted.include, now)
        return dump(rows | {"metadata": metadata})
    kind, api_version = f"{resource.kind}List", resource.api_version
    items = (version.item() for version in versions)
    if wanted.kind and not versions:
        nothing = {"kind": f"{wanted.kind}List", "apiVersion": "meta.k8s.io/v1"}
        return dump(nothing | {"metadata": metadata, "items": None}) + b"\n"
    if wanted.kind:
        kind, api_version = f"{wanted.kind}List", "meta.k8s.io/v1"
        items = (dump(table.partial(version.obj)) for version in versions)
    head = dump({"kind": kind, "apiVersion": api_version, "metadata": metadata})
    return head[:-1] + b',"items":[' + b",".join(items) + b"]}\n"


def line(resource: Resource, event: Event, wanted: Form, now: float, *, first: bool) -> bytes:
    """One change, as a watch sends it; a table says what its columns are only once."""
    if wanted.plain:
        return event.line()
    shown = table.partial(event.obj)
    if wanted.kind == "Table":
        number = str(event.version.number)
        shown = table.table(resource, [event.obj], number, wanted.include, now, headed=first)
    return dump({"type": event.type, "object": shown}) + b"\n"


def bookmark(resource: Resource, number: int, *, initial_end: bool = False) -> bytes:
    """Return the line that informs a watching client of the current resource version."""
    metadata: Object = {"resourceVersion": str(number)}
    if initial_end:
        metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
    obj = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata}
    return dump({"type": "BOOKMARK", "object": obj}) + b"\n"


def success(resource: Resource, obj: Object) -> Object:
    """The Status that says an object has been deleted."""
    metadata = obj["metadata"]
    group = {"group": resource.group} if resource.group else {}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {
            "name": metadata["name"],
            **group,
            "kind": resource.plural,
            "uid": metadata["uid"],
        },
    }
