"""Lists, in pages, and watches."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from ..faults import Faults
from ..objects import selectors
from ..objects.status import (
    StatusError,
    bad_request,
    forbidden_field,
    invalid_option,
    too_new,
    too_old,
    unsupported,
)
from ..objects.store import Store
from ..objects.versions import Scope, Version, Watch, dump
from . import answers
from .addressing import Address
from .answers import Form
from .bodies import flag, number

Object = dict[str, Any]

WATCH_SECONDS = 1800  # how long a watch lasts whose client did not say
BOOKMARK_SECONDS = 60.0
IDLE_SECONDS = 10.0  # how often a quiet watch looks whether its client is still there
PAGES_KEPT = 256


@dataclass(frozen=True)
class _Rest:
    """What is left of a list of which a client has had the first pages."""

    versions: list[Version]
    number: int


class Streams:
    """Lists and watches of one store. `close` ends all watches, `drop` cuts them off."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self.store = store
        self.faults = faults
        self._pages: OrderedDict[str, _Rest] = OrderedDict()
        self._keys = itertools.count()
        self._open: set[Watch] = set()
        faults.on_drop(self.close)

    def close(self) -> None:
        for watch in self._open:
            watch.close()

    # lists

    def list(self, request: web.Request, address: Address, form: Form) -> web.Response:
        limit = number(request, "limit") or 0
        resource, now = address.resource, self.store.clock().timestamp()
        if token := request.query.get("continue", ""):
            rest = self._resume(token)
        else:
            self._check_version(request, address)
            rest = _Rest(
                self.store.versions(resource, _scope(request, address)), self.store.version
            )
        metadata: Object = {"resourceVersion": str(rest.number)}
        page, left = rest.versions, rest.versions[limit:] if limit > 0 else []
        if left:
            page = page[:limit]
            metadata["continue"] = self._keep(_Rest(left, rest.number))
            if not request.query.get("labelSelector") and not request.query.get("fieldSelector"):
                metadata["remainingItemCount"] = len(left)
        return form.render(answers.several(resource, page, metadata, form, now))

    def _keep(self, rest: _Rest) -> str:
        key = str(next(self._keys))
        self._pages[key] = rest
        if len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        token = {"v": "meta.k8s.io/v1", "rv": rest.number, "start": key}
        return base64.urlsafe_b64encode(dump(token)).decode().rstrip("=")

    def _resume(self, token: str) -> _Rest:
        try:
            position = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            key, version = position["start"], position["rv"]
        except (ValueError, KeyError, TypeError):
            raise bad_request("continue key is not valid: it is not one that a list gave") from None
        rest = self._pages.get(key)
        if rest is None or rest.number != version:
            raise StatusError(
                410, "The provided continue parameter is too old: list again from the start."
            )
        return rest

    def _check_version(self, request: web.Request, address: Address) -> None:
        """Refuse a list as of a version that is not to be had."""
        match = request.query.get("resourceVersionMatch", "")
        version = request.query.get("resourceVersion", "")
        requested = number(request, "resourceVersion")
        if match and not version:
            raise _refused_match(
                "resourceVersionMatch is forbidden unless resourceVersion is provided"
            )
        if match not in ("", "Exact", "NotOlderThan"):
            known = ("Exact", "NotOlderThan", "")
            raise invalid_option("ListOptions", unsupported("resourceVersionMatch", match, known))
        if requested is not None and requested > self.store.version:
            raise too_new(requested, self.store.version)
        if match == "Exact" and requested == 0:
            raise _refused_match(
                'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
            )
        if match == "Exact" and requested and self.store.changed_since(address.resource, requested):
            raise too_old(requested, self.store.version)

    # watches

    async def watch(self, request: web.Request, address: Address, form: Form) -> web.StreamResponse:
        since = number(request, "resourceVersion") or 0
        initial = flag(request, "sendInitialEvents")
        if initial and request.query.get("resourceVersionMatch") != "NotOlderThan":
            needed = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
            raise _refused_match(needed)
        response = web.StreamResponse()
        response.content_type = answers.JSON
        try:
            watch = self._begin(request, address, 0 if initial else since)
        except StatusError as error:
            if error.code != 410:
                raise
            await response.prepare(request)
            await response.write(dump({"type": "ERROR", "object": error.body()}) + b"\n")
            return response
        self._open.add(watch)
        try:
            await response.prepare(request)
            await self._send(request, response, address, form, watch, initial=initial)
        except ConnectionResetError:
            pass  # the client has gone
        finally:
            self._open.discard(watch)
            watch.close()
        return response

    def _begin(self, request: web.Request, address: Address, since: int) -> Watch:
        resource, namespace = address.resource, address.namespace
        scope = _selectors(request, address)
        if self.faults.expires(resource.plural, namespace or ""):
            raise too_old(since, self.store.version)
        return self.store.watch(resource, namespace, since, *scope)

    async def _send(
        self,
        request: web.Request,
        response: web.StreamResponse,
        address: Address,
        form: Form,
        watch: Watch,
        *,
        initial: bool,
    ) -> None:
        resource, clock = address.resource, asyncio.get_running_loop().time
        marks = flag(request, "allowWatchBookmarks") and form.plain
        seconds = number(request, "timeoutSeconds") or WATCH_SECONDS
        end, next_mark = clock() + seconds, clock() + BOOKMARK_SECONDS
        first = True
        while not watch.closed and clock() < end and not _gone(request):
            lines = []
            for event in watch.drain():
                now = self.store.clock().timestamp()
                lines.append(answers.line(resource, event, form, now, first=first))
                first = False
            if initial:
                lines.append(answers.bookmark(resource, self.store.version, initial_end=True))
                initial = False
            if marks and clock() >= next_mark:
                lines.append(answers.bookmark(resource, self.store.version))
                next_mark = clock() + BOOKMARK_SECONDS
            if lines:
                await response.write(b"".join(lines))
            await _within(watch, min(IDLE_SECONDS, max(0.0, end - clock())))
        if marks and not watch.closed:
            await response.write(answers.bookmark(resource, self.store.version))


async def _within(watch: Watch, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await watch.wait()
    except TimeoutError:
        pass


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _scope(request: web.Request, address: Address) -> Scope:
    return Scope(address.namespace, *_selectors(request, address))


def _selectors(
    request: web.Request, address: Address
) -> tuple[selectors.Selector | None, selectors.Selector | None]:
    return (
        selectors.labels(request.query.get("labelSelector")),
        selectors.fields(request.query.get("fieldSelector"), address.resource.fields),
    )


def _refused_match(message: str) -> StatusError:
    return invalid_option("ListOptions", forbidden_field("resourceVersionMatch", message))
