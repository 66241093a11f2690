"""The subresources of pods: logs and commands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from ..objects.resources import PODS
from ..objects.status import StatusError, bad_request
from ..objects.store import Store
from ..runtime import PodRuntime
from .addressing import Address
from .bodies import flag, number
from .channels import Channels

Object = dict[str, Any]
DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
OF_PODS = ("attach", "exec", "log", "portforward")
# Subresources that this API does not implement, and what to use instead.
NOT_IMPLEMENTED = {
    "attach": "attach is not implemented in local mode; use `kubectl logs -f`",
    "portforward": "port-forward is not needed in local mode: connect to the address and port of "
    "the pod directly (see `kubectl get pods -o wide`)",
}
_KINDS_OF_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


class Pods:
    """The pods of one store, run by `runtime`."""

    def __init__(self, store: Store, runtime: PodRuntime | None) -> None:
        self.store = store
        self._runtime = runtime

    @property
    def runtime(self) -> PodRuntime:
        if self._runtime is None:
            raise StatusError(501, "this embedded API does not run pods")
        return self._runtime

    async def answer(self, request: web.Request, address: Address) -> web.StreamResponse:
        """Answer a request for one of `OF_PODS`."""
        if message := NOT_IMPLEMENTED.get(address.subresource):
            raise StatusError(501, message)
        if address.subresource == "log":
            return await self._log(request, address)
        return await self._exec(request, address)

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
            pass  # the client has disconnected
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

    async def _exec(self, request: web.Request, address: Address) -> web.StreamResponse:
        pod = self.store.get(PODS, address.namespace, address.name)
        container = chosen(pod, request.query.get("container", ""))
        if request.headers.get("Upgrade", "").lower() != "websocket":
            raise StatusError(
                400,
                "exec works over WebSocket here, not SPDY: use kubectl 1.30 or later",
            )
        command = request.query.getall("command", [])
        if not command:
            raise bad_request("you must specify at least one command for the container")
        session = await self.runtime.exec(
            address.namespace or "", address.name, container, command, tty=flag(request, "tty")
        )
        return await Channels(session, stdin=flag(request, "stdin")).serve(request)


def chosen(pod: Object, requested: str) -> str:
    """Return the requested container, the default container of the pod, or its only one."""
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
