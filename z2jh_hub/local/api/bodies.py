"""What clients send: parsed, and known to be the object that the URL speaks of."""

from __future__ import annotations

import json
from typing import Any

import yaml
from aiohttp import web

from ..objects.status import Cause, StatusError, bad_request, invalid_option
from .addressing import Address

Object = dict[str, Any]

JSON = "application/json"
PROTOBUF = "application/vnd.kubernetes.protobuf"
YAML = ("application/yaml", "application/apply-patch+yaml")


async def parse(request: web.Request, allowed: tuple[str, ...]) -> Any:
    """The body, JSON or YAML. StatusError 415 for another content type, 400 for broken text."""
    media = content_type(request)
    if media not in allowed:
        details: Object | None = {} if request.method == "PATCH" else None
        raise StatusError(415, _unsupported(media, allowed), details=details)
    raw = await request.read()
    try:
        return yaml.safe_load(raw) if media in YAML else json.loads(raw)
    except (ValueError, yaml.YAMLError) as error:
        raise bad_request(f"the body of the request is not valid {media}: {error}") from None


def content_type(request: web.Request) -> str:
    """The media type of the body; JSON where the client says none."""
    return request.headers.get("Content-Type", JSON).partition(";")[0].strip().lower() or JSON


def _unsupported(media: str, allowed: tuple[str, ...]) -> str:
    known = "the body of the request was in an unknown format - accepted media types include: "
    message = known + ", ".join(allowed)
    if media == PROTOBUF:
        message += ". This embedded API speaks JSON and YAML only: use `kubectl apply -f FILE`"
        message += " in place of `kubectl create`"
    return message


async def read_object(request: web.Request, address: Address) -> Object:
    """The object in the body. StatusError 400 when it is not what the URL is about."""
    obj = await parse(request, (JSON, "application/yaml"))
    return typed(obj, address)


def typed(obj: Any, address: Address) -> Object:
    """`obj` with its kind and place; StatusError 400 where these differ from the URL's."""
    resource = address.resource
    if not isinstance(obj, dict):
        raise bad_request(f"the object provided is unrecognized (must be of type {resource.kind})")
    kind, version = obj.get("kind") or resource.kind, obj.get("apiVersion") or resource.api_version
    if (kind, version) != (resource.kind, resource.api_version):
        group, _, number = version.rpartition("/")
        raise bad_request(
            f'{resource.kind} in version "{number}" cannot be handled as a {resource.kind}: '
            f'no kind "{kind}" is registered for version "{group and group + "/"}{number}"'
            if kind == resource.kind
            else f"the object provided is unrecognized (must be of type {resource.kind}): "
            f"given {kind} ({version})"
        )
    metadata = obj.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise bad_request("metadata: expected a mapping")
    if address.namespace and metadata.get("namespace") not in (None, "", address.namespace):
        raise bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if address.name and metadata.get("name") not in (None, "", address.name):
        raise bad_request(
            f"the name of the object ({metadata['name']}) does not match "
            f"the name on the URL ({address.name})"
        )
    return {**obj, "kind": kind, "apiVersion": version, "metadata": metadata}


async def delete_options(request: web.Request) -> Object:
    """The DeleteOptions of the body, those of the query over them."""
    options: Object = {}
    if request.can_read_body and (raw := await request.read()):
        if content_type(request) == PROTOBUF:
            raise StatusError(415, _unsupported(PROTOBUF, (JSON,)), details={})
        try:
            options = yaml.safe_load(raw) or {}
        except yaml.YAMLError as error:
            raise bad_request(f"the options are not valid JSON: {error}") from None
    if "gracePeriodSeconds" in request.query:
        options["gracePeriodSeconds"] = number(request, "gracePeriodSeconds")
    if "propagationPolicy" in request.query:
        options["propagationPolicy"] = request.query["propagationPolicy"]
    if request.query.get("orphanDependents") == "true" or options.get("orphanDependents") is True:
        options["propagationPolicy"] = "Orphan"
    if "dryRun" in request.query:
        options["dryRun"] = request.query.getall("dryRun")
    return options


def number(request: web.Request, name: str) -> int | None:
    """Return a whole number from the query; None if it is missing. Raises StatusError 400."""
    text = request.query.get(name, "")
    if text == "":
        return None
    try:
        return int(text)
    except ValueError:
        raise bad_request(f"{name}: Invalid value: {text!r}: expected a whole number") from None


def flag(request: web.Request, name: str) -> bool:
    """Return a boolean from the query, parsed as Kubernetes does."""
    return request.query.get(name, "false").lower() not in ("false", "0")


def dry_run(request: web.Request) -> bool:
    """Return whether the request is a dry run. Raises StatusError 400 for an unknown `dryRun`."""
    values = [value for value in request.query.getall("dryRun", []) if value]
    if values and values != ["All"]:
        kind = {"POST": "CreateOptions", "PUT": "UpdateOptions"}.get(request.method, "PatchOptions")
        shown = f"[{', '.join(json.dumps(value) for value in values)}]"
        message = f'Unsupported value: {shown}: supported values: "All"'
        raise invalid_option(kind, Cause("dryRun", "FieldValueNotSupported", message))
    return bool(values)
