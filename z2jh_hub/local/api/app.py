"""The embedded Kubernetes API as an aiohttp application, for http on a loopback address."""

from __future__ import annotations

import hmac
import logging
from typing import Any

from aiohttp import web

from ..faults import Faults
from ..objects.resources import PODS
from ..objects.status import StatusError, bad_request
from ..objects.store import Store
from ..objects.versions import dump
from ..runtime import PodRuntime
from . import answers, discovery
from .addressing import Address, names_objects, parse, unknown_path, verb
from .bodies import flag
from .objects import Objects
from .pods import OF_PODS, Pods
from .streams import Streams

log = logging.getLogger(__name__)

HEALTH = ("/healthz", "/livez", "/readyz")
MAX_BODY = 3 * 1024 * 1024  # the API server's own limit
# kubectl sends no token over plain http; what its kubeconfig calls the server may carry it instead.
TOKEN_PREFIX = "/as/"


def server_url(port: int, token: str | None = None, host: str = "127.0.0.1") -> str:
    """The `server` of a kubeconfig, for kubectl as for any other client.

    It holds the token: a kubeconfig with it is for its owner's eyes (mode 0600), and an access log
    must not show it.
    """
    return f"http://{host}:{port}" + (f"{TOKEN_PREFIX}{token}" if token else "")


def make_app(
    store: Store,
    runtime: PodRuntime | None = None,
    faults: Faults | None = None,
    token: str | None = None,
) -> web.Application:
    """The API on `store`.

    `runtime` answers for what runs in pods; `faults` is what a test wants to go wrong; `token` is
    what every call (but health checks) must carry, as a bearer or in the URL (`server_url`); None
    for no such check.
    """
    api = _Api(store, runtime, faults or Faults(), token)
    app = web.Application(client_max_size=MAX_BODY)
    app.on_shutdown.append(api.shut_down)
    app.router.add_route("*", "/{path:.*}", api.answer)
    return app


class _Api:
    def __init__(
        self, store: Store, runtime: PodRuntime | None, faults: Faults, token: str | None
    ) -> None:
        self.store = store
        self.faults = faults
        self.streams = Streams(store, faults)
        self.objects = Objects(store)
        self.pods = Pods(store, runtime)
        self._token = token

    async def shut_down(self, app: web.Application) -> None:
        self.streams.close()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Any request; every refusal becomes a Status."""
        try:
            prefix, path = self._authenticated(request)
            return await self._route(request, prefix, path)
        except StatusError as error:
            return _refused(error)
        except ConnectionAbortedError:  # an injected fault
            if request.transport is not None:
                request.transport.abort()
            raise
        except web.HTTPRequestEntityTooLarge:
            return _refused(StatusError(413, f"the body is larger than {MAX_BODY} bytes"))
        except (ConnectionResetError, web.HTTPException):
            raise
        except Exception:
            log.exception("%s %s failed", request.method, request.path.rpartition("/")[2])
            return _refused(StatusError(500, "the embedded API failed; its log says why"))

    def _authenticated(self, request: web.Request) -> tuple[str, str]:
        """Return the path, and the prefix with the token before it. Raises StatusError 401."""
        scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
        presented = presented.strip() if scheme.lower() == "bearer" else ""
        prefix, path = "", request.path
        if path.startswith(TOKEN_PREFIX):
            presented, _, path = path.removeprefix(TOKEN_PREFIX).partition("/")
            prefix, path = TOKEN_PREFIX + presented, "/" + path
        wanted = self._token
        if wanted is None or path in HEALTH:
            return prefix, path
        if not hmac.compare_digest(presented.encode(), wanted.encode()):
            raise StatusError(401, "Unauthorized")
        return prefix, path

    async def _route(self, request: web.Request, prefix: str, path: str) -> web.StreamResponse:
        if names_objects(path):
            return await self._serve(request, path)
        if path in HEALTH:
            return web.Response(text="ok")
        if path == "/faults":
            return await self._faults(request)
        if request.method not in ("GET", "HEAD"):
            raise unknown_path()
        return _json(discovery.described(path, request.host, prefix))

    async def _faults(self, request: web.Request) -> web.Response:
        if request.method == "DELETE":
            self.faults.clear()
            return _json({})
        if request.method != "POST":
            raise StatusError(405, "faults are added by POST and ended by DELETE")
        try:
            fault = self.faults.add_json(await request.json())
        except (ValueError, TypeError) as error:
            raise bad_request(f"not a fault: {error}") from None
        return _json({"action": fault.action}, 201)

    async def _serve(self, request: web.Request, path: str) -> web.StreamResponse:
        """Objects."""
        address = parse(path)
        if address.resource is PODS and address.subresource in OF_PODS:
            await self._meet("create" if request.method == "POST" else "get", address)
            return await self.pods.answer(request, address)
        watching = "watch" in request.query and flag(request, "watch")
        what = verb(request.method, address, watching)
        await self._meet(what, address)
        return await self._dispatch(what, request, address)

    async def _meet(self, what: str, address: Address) -> None:
        plural = address.resource.plural
        await self.faults.meet(what, plural, address.namespace or "", address.name)

    async def _dispatch(
        self, what: str, request: web.Request, address: Address
    ) -> web.StreamResponse:
        form = answers.form(request)
        if what == "watch":
            return await self.streams.watch(request, address, form)
        if what == "list":
            return self.streams.list(request, address, form)
        one = {
            "get": self.objects.get,
            "create": self.objects.create,
            "update": self.objects.update,
            "patch": self.objects.patch,
            "delete": self.objects.delete,
            "deletecollection": self.objects.delete_collection,
        }
        return await one[what](request, address, form)


def _refused(error: StatusError) -> web.Response:
    headers = {}
    if error.details and "retryAfterSeconds" in error.details:
        headers["Retry-After"] = str(error.details["retryAfterSeconds"])
    return web.Response(
        body=dump(error.body()), status=error.code, content_type=answers.JSON, headers=headers
    )


def _json(answer: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(body=dump(answer), status=status, content_type=answers.JSON)
