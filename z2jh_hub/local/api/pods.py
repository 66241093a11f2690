"""What only pods have: output, commands inside, binding, eviction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from ..objects.resources import PODS
from ..objects.status import StatusError, bad_request
from ..objects.store import Store
from ..objects.versions import dump
from ..runtime import PodRuntime
from .addressing import Address
from .bodies import flag, number, parse
from .channels import Channels

Object = dict[str, Any]
SUCCESS = {
    "kind": "Status",
    "apiVersion": "v1",
    "metadata": {},
    "status": "Success",
    "code": 201,
}
DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
OF_PODS = ("attach", "binding", "eviction", "exec", "log", "portforward")
_KINDS_OF_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


class Pods:
    """The pods of one store, as run by `runtime`."""

    def __init__(self, store: Store, runtime: PodRuntime | None) -> None:
        self.store = store
        self._runtime = runtime

    @property
    def runtime(self) -> PodRuntime:
        if self._runtime is None:
            raise StatusError(501, "this embedded API runs no pods: there is nothing to ask")
        return self._runtime

    async def answer(self, request: web.Request, address: Address) -> web.StreamResponse:
        """Any subresource of a pod but its status."""
        if address.subresource == "portforward":
            raise StatusError(
                501,
                "port-forward is not needed here: a pod's address and port can be reached "
                "directly from this machine (see `kubectl get pods -o wide`)",
            )
        if address.subresource == "log":
            return await self._log(request, address)
        if address.subresource in ("exec", "attach"):
            return await self._session(request, address)
        if request.method != "POST":
            raise StatusError(405, f"{address.subresource} takes POST only")
        if address.subresource == "binding":
            return await self._bind(request, address)
        return await self._evict(request, address)

    async def _log(self, request: web.Request, address: Address) -> web.StreamResponse:
        pod = self.store.get(PODS, address.namespace, address.name)
        container = chosen(pod, request.query.get("container", ""))
        tail = number(request, "tailLines")
        if tail is not None and tail < 0:
            raise bad_request("tailLines: must be greater than or equal to 0")
        pieces = await self.runtime.logs(
            address.namespace or "",
            address.name,
            container,
            follow=flag(request, "follow"),
            tail_lines=tail,
            since_seconds=self._since(request),
            timestamps=flag(request, "timestamps"),
            previous=flag(request, "previous"),
        )
        left = number(request, "limitBytes")
        response = web.StreamResponse()
        response.content_type = "text/plain"
        await response.prepare(request)
        try:
            async for piece in pieces:
                await response.write(piece if left is None else piece[:left])
                left = None if left is None else left - len(piece)
                if left is not None and left <= 0:
                    break
        except ConnectionResetError:
            pass  # the client has gone
        finally:
            if (end := getattr(pieces, "aclose", None)) is not None:
                await end()
        return response

    def _since(self, request: web.Request) -> float | None:
        if when := request.query.get("sinceTime"):
            try:
                return (self.store.clock() - datetime.fromisoformat(when)).total_seconds()
            except (ValueError, TypeError):
                raise bad_request(f"sinceTime: {when!r} is not a time (RFC 3339)") from None
        return number(request, "sinceSeconds")

    async def _session(self, request: web.Request, address: Address) -> web.StreamResponse:
        pod = self.store.get(PODS, address.namespace, address.name)
        container = chosen(pod, request.query.get("container", ""))
        if request.headers.get("Upgrade", "").lower() != "websocket":
            raise StatusError(
                400,
                f"{address.subresource} works over WebSocket here, not SPDY: "
                "use a kubectl of version 1.30 or later",
            )
        where = (address.namespace or "", address.name, container)
        if address.subresource == "attach":
            session = await self.runtime.attach(*where)
        else:
            command = request.query.getall("command", [])
            if not command:
                raise bad_request("you must specify at least one command for the container")
            session = await self.runtime.exec(*where, command, tty=flag(request, "tty"))
        return await Channels(session, stdin=flag(request, "stdin")).serve(request)

    async def _bind(self, request: web.Request, address: Address) -> web.Response:
        given = await parse(request, ("application/json",))
        node = (given.get("target") or {}).get("name") if isinstance(given, dict) else None
        if not node:
            raise bad_request("target.name: Required value")
        self.store.get(PODS, address.namespace, address.name)

        def assign(pod: Object) -> None:
            pod["spec"]["nodeName"] = node

        self.store.modify(PODS, address.namespace, address.name, assign)
        return web.json_response(SUCCESS, status=201)

    async def _evict(self, request: web.Request, address: Address) -> web.Response:
        given = await parse(request, ("application/json",))
        options = (given.get("deleteOptions") if isinstance(given, dict) else None) or {}
        options |= await delete_options_of(request)
        self.store.delete(
            PODS,
            address.namespace,
            address.name,
            grace_seconds=options.get("gracePeriodSeconds"),
            preconditions=options.get("preconditions"),
        )
        return web.Response(body=dump(SUCCESS), status=201, content_type="application/json")


async def delete_options_of(request: web.Request) -> Object:
    seconds = number(request, "gracePeriodSeconds")
    return {} if seconds is None else {"gracePeriodSeconds": seconds}


def chosen(pod: Object, requested: str) -> str:
    """The container that is meant: the one asked for, the pod's default, or its only one."""
    name, spec = pod["metadata"]["name"], pod["spec"]
    main = [container["name"] for container in spec.get("containers") or []]
    known = [c["name"] for kind in _KINDS_OF_CONTAINERS for c in spec.get(kind) or []]
    if requested:
        if requested not in known:
            raise bad_request(f"container {requested} is not valid for pod {name}")
        return requested
    if len(main) == 1:
        return str(main[0])
    default = (pod["metadata"].get("annotations") or {}).get(DEFAULT_CONTAINER)
    if default in main:
        return str(default)
    choice = f"choose one of: [{' '.join(main)}]"
    raise bad_request(f"a container name must be specified for pod {name}, {choice}")
