"""Serve the page of `z2jh cost --open`, on which a pattern is drawn, on this machine only."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from . import CostError, formats
from .estimate import estimate
from .patterns import BUILT_IN, MOST_USERS, Pattern
from .patterns import read as read_pattern
from .plan import Plan
from .running import HOURS
from .savings import savings

ADDRESS = "127.0.0.1"
MOST_BYTES = 64 * 1024  # of a request; a pattern of 168 numbers has a few kilobytes
DAY = 86400
# the page loads nothing, and sends requests only to its own server
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
DATA = "{{ data }}"
NONCE = "{{ nonce }}"


class Refused(Exception):
    """The body of a request is invalid; the message says why."""


def changed(plan: Plan, request: Any) -> Plan:
    """Return a plan with what the page sends. Raises Refused."""
    if not isinstance(request, dict):
        raise Refused("expected: an object")
    users = int(_number(request, "users", 1, MOST_USERS))
    hours = request.get("hours")
    if not isinstance(hours, list) or len(hours) != HOURS:
        raise Refused(f"hours: expected: {HOURS} shares of all users")
    shares = [_number({"hours": share}, "hours", 0, 1) for share in hours]
    pattern = plan.pattern
    if not request.get("unchanged"):
        turnover = 0.25 if pattern.measured else pattern.turnover
        pattern = Pattern("as drawn", shares, turnover)
    timeout = request.get("timeout")
    if timeout is not None:
        timeout = _number(request, "timeout", 0, 7 * DAY)
    if request.get("node") not in plan.prices.by_name:
        raise Refused("node: expected: a node type of the prices")
    deployment = replace(
        plan.deployment,
        culling=replace(plan.deployment.culling, timeout=timeout),
        placeholders=int(_number(request, "placeholders", 0, 10_000)),
    )
    return Plan(deployment, plan.prices, pattern, users, request["node"], bool(request.get("spot")))


def _number(request: Mapping[str, Any], name: str, least: float, most: float) -> float:
    value = request.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
        raise Refused(f"{name}: expected: a number from {least:g} to {most:g}")
    return float(value)


def answer(plan: Plan) -> dict[str, Any]:
    """Return what the page shows. Raises CostError."""
    return formats.as_data(plan, estimate(plan), savings(plan))


def initial(plan: Plan) -> dict[str, Any]:
    """Return what the page starts with: the settings of the plan, and the patterns it offers."""
    hours = [min(1.0, number / plan.users) for number in plan.pattern.active(plan.users)]
    return {
        "pattern": plan.pattern.name,
        "settings": {
            "users": plan.users,
            "hours": hours,
            "timeout": plan.deployment.culling.timeout,
            "node": plan.default_node.name,
            "spot": plan.spot,
            "placeholders": plan.deployment.placeholders,
        },
        "nodes": list(plan.prices.by_name),
        "patterns": {name: list(read_pattern(name).hours) for name in BUILT_IN},
        "most": {"users": MOST_USERS},
    }


class _Handler(RequestHandler):
    """What holds for every request: this host only, and no cache."""

    def initialize(self, plan: Plan, hosts: frozenset[str]) -> None:
        self.plan, self.hosts = plan, hosts

    def prepare(self) -> None:
        # another site must not reach this server under its own name
        origin = self.request.headers.get("Origin")
        allowed = {f"http://{host}" for host in self.hosts}
        if self.request.headers.get("Host") not in self.hosts or (origin or "") not in {
            "",
            *allowed,
        }:
            self.send_error(403)

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")

    def write_error(self, status_code: int, **_: Any) -> None:
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"error": self._reason}))


class _Page(_Handler):
    def get(self) -> None:
        nonce = secrets.token_urlsafe(16)
        self.set_header("Content-Security-Policy", POLICY.format(nonce=nonce))
        # a script element ends at `</`, also within a string
        data = json.dumps(initial(self.plan)).replace("<", "\\u003c")
        page = Path(__file__).with_name("page.html").read_text("utf-8")
        self.finish(page.replace(NONCE, nonce).replace(DATA, data))


class _Cost(_Handler):
    def post(self) -> None:
        # a form of another site cannot send this type
        if self.request.headers.get("Content-Type") != "application/json":
            self.send_error(415)
            return
        try:
            plan = changed(self.plan, json.loads(self.request.body))
            self.finish(answer(plan))
        except (ValueError, RecursionError):
            self._refuse("the request is not JSON")
        except (Refused, CostError) as error:
            self._refuse(str(error))

    def _refuse(self, reason: str) -> None:
        self.set_status(400)
        self.finish({"error": reason})


def application(plan: Plan, port: int) -> Application:
    """Return the application, for its own port."""
    hosts = frozenset({f"{ADDRESS}:{port}", f"localhost:{port}"})
    shared = {"plan": plan, "hosts": hosts}
    return Application(
        [("/", _Page, shared), ("/cost", _Cost, shared)], log_function=lambda _: None
    )


@contextlib.asynccontextmanager
async def running(plan: Plan) -> Any:
    """Serve the page in the block, and return its URL."""
    (socket,) = bind_sockets(0, ADDRESS)
    port = socket.getsockname()[1]
    server = HTTPServer(
        application(plan, port), max_body_size=MOST_BYTES, max_header_size=16 * 1024,
        idle_connection_timeout=60, body_timeout=10,
    )  # fmt: skip
    server.add_socket(socket)
    try:
        yield f"http://{ADDRESS}:{port}/"
    finally:
        server.stop()
        await server.close_all_connections()


def serve(plan: Plan, report: Callable[[str], None]) -> None:
    """Serve the page until an interrupt, and open it in a browser."""

    async def forever() -> None:
        async with running(plan) as url:
            report(url)
            webbrowser.open(url)
            await asyncio.Event().wait()

    # Ctrl-C ends the command
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(forever())
