"""Objects over HTTP: get, create, update, patch, delete."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from ..objects import apply, patch, schema
from ..objects.resources import (
    CLAIMS,
    NAMESPACES,
    PODS,
    RESOURCE_QUOTAS,
    SELF_REVIEWS,
    SERVICE_ACCOUNTS,
    SERVICES,
    VOLUMES,
    Resource,
)
from ..objects.selectors import fields, labels
from ..objects.status import already_exists, bad_request
from ..objects.store import Store
from ..objects.versions import Scope, Version, dump
from . import answers
from .addressing import Address
from .answers import Form
from .bodies import content_type, delete_options, dry_run, flag, parse, read_object, typed

Object = dict[str, Any]

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"
PATCHES = (JSON_PATCH, MERGE, STRATEGIC, APPLY)
# Deleting one of these returns the object; deleting any other returns a Status.
TOLD_WHOLE = (PODS, CLAIMS, VOLUMES, SERVICES, SERVICE_ACCOUNTS, NAMESPACES, RESOURCE_QUOTAS)


class Objects:
    """The objects of one store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def get(self, request: web.Request, address: Address, form: Form) -> web.Response:
        resource = address.resource
        version = self.store.current(resource, address.namespace, address.name)
        return form.render(self._body(resource, version, form))

    async def create(self, request: web.Request, address: Address, form: Form) -> web.Response:
        resource, namespace = address.resource, address.namespace
        obj, headers = self._checked(request, address, await read_object(request, address))
        if not resource.stored:
            return form.render(dump(_answered(resource, obj)), 201)
        if dry_run(request):
            made = self.store.prepare(resource, namespace, obj)
            if self.store.find(resource, namespace, made["metadata"]["name"]):
                raise already_exists(resource, made["metadata"]["name"])
        else:
            made = self.store.create(resource, namespace, obj)
        return self._answer(resource, made, form, headers, 201)

    async def update(self, request: web.Request, address: Address, form: Form) -> web.Response:
        obj = await read_object(request, address)
        if not obj["metadata"].get("name"):
            raise bad_request("name must be provided")
        return self._save(request, address, obj, form)

    async def patch(self, request: web.Request, address: Address, form: Form) -> web.Response:
        body = await parse(request, PATCHES)
        media = content_type(request)
        if media == APPLY:
            return self._apply(request, address, body, form)
        old = self.store.current(address.resource, address.namespace, address.name).obj
        return self._save(request, address, patched(media, old, body), form)

    def _apply(
        self, request: web.Request, address: Address, config: Any, form: Form
    ) -> web.Response:
        manager = request.query.get("fieldManager", "")
        if not manager:
            raise apply.manager_required()
        apply.check(config)
        empty: Object = {key: {} for key, value in config.items() if value == {}}  # named, so owned
        config, headers = self._checked(request, address, typed(config, address))
        config = empty | config
        existing = self.store.find(address.resource, address.namespace, address.name)
        new = apply.applied(
            address.resource, existing.obj if existing else None, config, manager,
            force=flag(request, "force"), now=self.store.now(), subresource=address.subresource,
        )  # fmt: skip
        if existing is None:
            resource, namespace = address.resource, address.namespace
            new, _ = schema.clean(resource, new)
            new["metadata"]["name"] = address.name
            keep = self.store.prepare if dry_run(request) else self.store.create
            return self._answer(resource, keep(resource, namespace, new), form, headers, 201)
        return self._save(request, address, new, form)

    def _save(self, request: web.Request, address: Address, obj: Any, form: Form) -> web.Response:
        obj, headers = self._checked(request, address, typed(obj, address))
        where = (address.resource, address.namespace, address.name)
        subresource = address.subresource or None
        if dry_run(request):
            made, _ = self.store.revise(*where, obj, subresource=subresource)
        else:
            made = self.store.update(*where, obj, subresource=subresource)
        return self._answer(address.resource, made, form, headers)

    def _checked(
        self, request: web.Request, address: Address, obj: Object
    ) -> tuple[Object, dict[str, str]]:
        """The object without fields that are unknown, and the headers that warn of these."""
        obj, unknown = schema.clean(address.resource, obj)
        how = request.query.get("fieldValidation") or "Warn"
        if unknown and how == "Strict":
            raise schema.strict_error(address.resource, unknown)
        if unknown and how == "Warn":
            return obj, {"Warning": ", ".join(f'299 - "{_quoted(text)}"' for text in unknown)}
        return obj, {}

    async def delete(self, request: web.Request, address: Address, form: Form) -> web.Response:
        options, resource = await delete_options(request), address.resource
        if options.get("dryRun"):
            obj = self.store.get(resource, address.namespace, address.name)
        else:
            obj = self._delete(address, address.name, options)
        waits = options.get("propagationPolicy") == "Foreground"
        if resource in TOLD_WHOLE or "deletionTimestamp" in obj["metadata"]:
            return self._answer(resource, obj, form, {}, 202 if waits and _still(obj) else 200)
        return form.render(dump(answers.success(resource, obj)))

    async def delete_collection(
        self, request: web.Request, address: Address, form: Form
    ) -> web.Response:
        options, resource = await delete_options(request), address.resource
        scope = Scope(
            address.namespace,
            labels(request.query.get("labelSelector")),
            fields(request.query.get("fieldSelector"), resource.fields),
        )
        versions = self.store.versions(resource, scope)
        number = {"resourceVersion": str(self.store.version)}
        for version in versions if not options.get("dryRun") else []:
            metadata = version.obj["metadata"]
            place = Address(resource, metadata.get("namespace"))
            if self.store.find(resource, place.namespace, metadata["name"]):
                self._delete(place, metadata["name"], options)
        now = self.store.clock().timestamp()
        return form.render(answers.several(resource, versions, number, form, now))

    def _delete(self, address: Address, name: str, options: Object) -> Object:
        return self.store.delete(
            address.resource,
            address.namespace,
            name,
            grace_seconds=options.get("gracePeriodSeconds"),
            preconditions=options.get("preconditions"),
            propagation=options.get("propagationPolicy"),
        )

    def _answer(
        self,
        resource: Resource,
        obj: Object,
        form: Form,
        headers: dict[str, str],
        status: int = 200,
    ) -> web.Response:
        number = int(obj["metadata"].get("resourceVersion", 0))
        existing = self.store.find(
            resource, obj["metadata"].get("namespace"), obj["metadata"]["name"]
        )
        version = existing if existing and existing.obj is obj else Version(obj, number)
        response = form.render(self._body(resource, version, form), status)
        response.headers.update(headers)
        return response

    def _body(self, resource: Resource, version: Version, form: Form) -> bytes:
        return answers.one(resource, version, form, self.store.clock().timestamp())


def patched(media: str, old: Object, body: Any) -> Any:
    """`old` after a patch of the media type; StatusError where it cannot be applied."""
    if media == JSON_PATCH:
        if not isinstance(body, list):
            raise bad_request("a JSON patch is a list of operations")
        return patch.json_patch(old, body)
    if not isinstance(body, dict):
        raise bad_request(f"a patch of type {media} is a mapping")
    return patch.strategic(old, body) if media == STRATEGIC else patch.merge(old, body)


def _still(obj: Object) -> bool:
    return bool(obj["metadata"].get("finalizers"))


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _answered(resource: Resource, obj: Object) -> Object:
    """Who may do what: here everyone with the token may do everything."""
    if resource is SELF_REVIEWS:
        return {**obj, "status": {"userInfo": {"username": "admin", "groups": ["system:masters"]}}}
    return {**obj, "status": {"allowed": True}}
