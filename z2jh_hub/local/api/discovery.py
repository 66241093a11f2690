"""What the API says of itself: versions, groups, resources, and enough OpenAPI for kubectl."""

from __future__ import annotations

import hashlib
import sys
from typing import Any

from ..objects.resources import OBJECT_VERBS, RESOURCES, Resource
from ..objects.versions import dump
from .addressing import unknown_path

Object = dict[str, Any]

# The Kubernetes whose answers these are (what tests/conformance compares with).
MAJOR, MINOR, PATCH = 1, 35, 4
# Subresources that are not the object itself: (kind, verbs).
_APART = {
    "exec": ("PodExecOptions", ["create", "get"]),
    "attach": ("PodAttachOptions", ["create", "get"]),
    "portforward": ("PodPortForwardOptions", ["create", "get"]),
    "log": ("Pod", ["get"]),
    "finalize": ("Namespace", ["update"]),
}


def described(path: str, host: str, prefix: str = "") -> Object:
    """What the API says of itself at `path`, on `host`; StatusError 404.

    `prefix` is what the client's URLs have before `path`.
    """
    parts = path.strip("/").split("/")
    document: Object | None = None
    match parts:
        case ["version"]:
            document = version()
        case ["api"]:
            document = core_versions(host)
        case ["apis"]:
            document = groups()
        case ["api", number]:
            document = resources(number)
        case ["apis", name]:
            document = group(name)
        case ["apis", name, number]:
            document = resources(f"{name}/{number}")
        case ["openapi", "v3"]:
            document = openapi_index(prefix)
        case ["openapi", "v3", "api" | "apis", *rest]:
            document = openapi("/".join(rest))
    if document is None:
        raise unknown_path()
    return document


def version() -> Object:
    """`GET /version`."""
    return {
        "major": str(MAJOR),
        "minor": str(MINOR),
        "gitVersion": f"v{MAJOR}.{MINOR}.{PATCH}+z2jh",
        "gitCommit": "",
        "gitTreeState": "",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": "python" + sys.version.split()[0],
        "platform": sys.platform,
    }


def core_versions(host: str) -> Object:
    """`GET /api`."""
    address = {"clientCIDR": "0.0.0.0/0", "serverAddress": host}
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [address]}


def groups() -> Object:
    """`GET /apis`."""
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": list(_groups().values())}


def group(name: str) -> Object | None:
    """`GET /apis/GROUP`."""
    served = _groups().get(name)
    return {"kind": "APIGroup", "apiVersion": "v1", **served} if served else None


def _groups() -> dict[str, Object]:
    by_name: dict[str, Object] = {}
    for resource in RESOURCES:
        if resource.group:
            served = {"groupVersion": resource.api_version, "version": resource.version}
            known = {"name": resource.group, "versions": [served], "preferredVersion": served}
            by_name[resource.group] = known
    return by_name


def resources(api_version: str) -> Object | None:
    """`GET /api/v1`, `GET /apis/GROUP/VERSION`; None for a version that is not served."""
    mine = [resource for resource in RESOURCES if resource.api_version == api_version]
    if not mine:
        return None
    listed = [entry for resource in mine for entry in _entries(resource)]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": api_version,
        "resources": listed,
    }


def _entries(resource: Resource) -> list[Object]:
    entry: Object = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(OBJECT_VERBS) if resource.stored else ["create"],
    }
    if resource.short:
        entry["shortNames"] = list(resource.short)
    if resource.in_all:
        entry["categories"] = ["all"]
    return [entry, *(_subresource(resource, name) for name in resource.subresources)]


def _subresource(resource: Resource, name: str) -> Object:
    entry: Object = {
        "name": f"{resource.plural}/{name}",
        "singularName": "",
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": ["get", "patch", "update"],
    }
    if name in _APART:
        kind, verbs = _APART[name]
        entry |= {"kind": kind, "verbs": verbs}
    return entry


def openapi_index(prefix: str) -> Object:
    """`GET /openapi/v3`: where the document of each version is."""
    paths = {}
    for api_version in dict.fromkeys(resource.api_version for resource in RESOURCES):
        path = _root(api_version).lstrip("/")
        digest = hashlib.sha256(dump(openapi(api_version))).hexdigest()
        paths[path] = {"serverRelativeURL": f"{prefix}/openapi/v3/{path}?hash={digest}"}
    return {"paths": paths}


def openapi(api_version: str) -> Object | None:
    """`GET /openapi/v3/…`: no schemas, only what kubectl looks up before it sends an object:
    that the server itself checks fields (`fieldValidation`)."""
    mine = [resource for resource in RESOURCES if resource.api_version == api_version]
    if not mine:
        return None
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": f"v{MAJOR}.{MINOR}.{PATCH}"},
        "paths": {_object_path(resource): {"patch": _operation(resource)} for resource in mine},
        "components": {"schemas": {}},
    }


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def _object_path(resource: Resource) -> str:
    space = "/namespaces/{namespace}" if resource.namespaced else ""
    return f"{_root(resource.api_version)}{space}/{resource.plural}/{{name}}"


def _operation(resource: Resource) -> Object:
    names = ("dryRun", "fieldManager", "fieldValidation", "force")
    schema = {"type": "string", "uniqueItems": True}
    return {
        "operationId": f"patch{resource.kind}",
        "parameters": [{"name": name, "in": "query", "schema": schema} for name in names],
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": {
            "group": resource.group,
            "version": resource.version,
            "kind": resource.kind,
        },
    }
