"""Starts the API, the proxy and the hub, watches over them, and stops them."""

from __future__ import annotations

import json
import signal
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Protocol

from ...config.values import Values
from ...hub.reload.prediction import predict
from ..kubelet.addresses import can_listen
from . import children, http, hub, logs, secrets
from .children import API, Child
from .guardian import guarded
from .launcher import NAMES, Launcher, Options
from .layout import HOST, Layout, Ports

TICK = 0.1  # seconds between two looks at everything
START_LIMIT = 120.0  # seconds for one process to answer
CALM = 30.0  # seconds after which a process that ran counts as healthy
MOST_RESTARTS = 5  # in a row


class DevError(Exception):
    """`dev` cannot go on; the text says why and what to do."""


class Teller(Protocol):
    """Whoever shows what happens."""

    def step(self, text: str) -> None:
        """What is being waited for."""

    def say(self, text: str) -> None:
        """A sentence."""

    def line(self, name: str, text: str) -> None:
        """A line of a process' log."""


class Supervisor:
    """One run of `dev`, in a directory that this process has taken."""

    def __init__(
        self, layout: Layout, values: Values, ports: Ports, options: Options, teller: Teller
    ) -> None:
        self.layout, self.values, self.ports = layout, values, ports
        self.options, self.teller = options, teller
        self.url = f"http://{HOST}:{options.port}{hub.base_url(values)}"
        self._running: dict[str, Child] = {}
        self._followers: dict[str, logs.Follower] = {}
        self._restarts: dict[str, int] = {}
        self._told_to_stop = threading.Event()
        self._launcher = Launcher(layout, ports, options)

    def run(
        self, ready: Callable[[str], None], changed: Callable[[], Values | None] = lambda: None
    ) -> None:
        """Start all, call `ready` with the URL, watch until a signal, stop all.

        `changed` is asked again and again for values that have changed.
        Raises DevError where something does not start or does not stay.
        """
        self._end_what_was_left()
        self._refuse_taken_port()
        with self._signals(), guarded(self.layout):
            try:
                self._begin()
                if not self._told_to_stop.is_set():
                    ready(self.url)
                while not self._told_to_stop.wait(TICK):
                    self._look()
                    new = changed()
                    if new is not None:
                        self._follow(new)
            finally:
                self._stop()

    # starting

    def _end_what_was_left(self) -> None:
        owner = self.layout.owner()
        left = children.left(self.layout)
        if owner:
            self.teller.say(
                f"An earlier z2jh dev (process {owner.get('pid')}) was killed. Users' servers "
                "that still run are kept."
            )
        for child in left:
            self.teller.say(f"Ending what it left: {child.name} (process {child.pid})")
        children.end_all(self.layout, left, keep_pods=True)

    def _refuse_taken_port(self) -> None:
        if not can_listen(HOST, self.options.port):
            raise DevError(
                f"Port {self.options.port} on {HOST} is in use by another program. "
                f"Name another, such as --port {self.options.port + 1}."
            )

    def _begin(self) -> None:
        self.layout.sign(self.url)
        self.teller.step("Preparing the proxy")
        self._launcher.install()
        hub.write_mounts(self.values, self.layout)
        hub.make_claims(self.values, self.layout)
        for name in NAMES:
            logs.turn(self.layout.logs / f"{name}.log")
            self._followers[name] = logs.Follower(self.layout.logs / f"{name}.log")
        self.teller.step("Starting the Kubernetes API")
        self._launch(API)
        self._launch("proxy")
        self._until(self.layout.api_ready.exists, "the Kubernetes API")
        self._apply_secrets(self.values)
        self.teller.step("Starting the proxy")
        self._until(lambda: self._routes() is not None, "the proxy")
        self.teller.step("Starting the hub")
        self._launch("hub")
        self._until(self._is_public, "the hub")

    def _apply_secrets(self, values: Values) -> None:
        if self._told_to_stop.is_set():
            return  # perhaps before there was an API
        try:
            secrets.apply(values, self.layout)
        except OSError as error:
            raise DevError(f"The Secret of singleuser.extraFiles cannot be made: {error}") from None

    def _launch(self, name: str) -> None:
        self._running[name] = self._launcher.start(name, self.values)

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + START_LIMIT
        while not condition():
            if self._told_to_stop.wait(TICK):
                return
            self._tell_logs()
            for name, child in self._running.items():
                code = child.exit_code()
                if code is not None:
                    self._tell_logs()
                    raise DevError(f"{name} {_ended(code)}. Its log is {self._log(name)}")
            if time.monotonic() > deadline:
                raise DevError(f"{what} did not answer within {START_LIMIT:g} seconds")

    # asking

    def _routes(self) -> dict[str, dict[str, object]] | None:
        """The proxy's routes; None while it does not answer."""
        url = f"http://{HOST}:{self.ports.proxy_api}/api/routes"
        token = {"Authorization": f"token {hub.proxy_token(self.values)}"}
        try:
            with http.get(urllib.request.Request(url, headers=token)) as answer:
                routes: dict[str, dict[str, object]] = json.loads(answer.read())
                return routes
        except (OSError, ValueError):
            return None

    def _is_public(self) -> bool:
        """Whether the hub answers through the proxy; the URL is then where it does."""
        if can_listen(HOST, self.ports.hub):
            return False
        for route, target in (self._routes() or {}).items():
            if target.get("hub"):
                base = "/" + route.partition("/")[2]
                self.url = f"http://{HOST}:{self.options.port}{base.rstrip('/')}/"
                return http.answers(f"{self.url}hub/health")
        return False

    # watching

    def _look(self) -> None:
        self._tell_logs()
        for name, child in list(self._running.items()):
            code = child.exit_code()
            if code is not None:
                self._again(name, child, code)

    def _follow(self, new: Values) -> None:
        """Have the hub take over changed values, or start it again where it cannot."""
        found = predict(self.values, new)
        restart = found.used + found.rest
        if not restart:
            hub.write_values(new, self.layout)
        else:
            more = f" and {len(restart) - 1} more" if len(restart) > 1 else ""
            named = ".".join(restart[0]) + more
            self.teller.say(f"{named} changed, which takes a new hub; servers go on")
            children.end(self.layout, self._running["hub"])
            hub.write_mounts(new, self.layout)
            hub.make_claims(new, self.layout)
            self._apply_secrets(new)
        self.values = new
        if restart:
            self._launch("hub")

    def _again(self, name: str, child: Child, code: int) -> None:
        """Start a process again that ended by itself, as Kubernetes would."""
        children.end(self.layout, child)  # what it started
        if time.time() - child.started > CALM:
            self._restarts[name] = 0
        self._restarts[name] = self._restarts.get(name, 0) + 1
        if self._restarts[name] > MOST_RESTARTS:
            raise DevError(f"{name} {_ended(code)}, again and again. Its log is {self._log(name)}")
        self.teller.say(f"{name} {_ended(code)}: starting it again")
        self._told_to_stop.wait(min(2 ** (self._restarts[name] - 1) / 2, 10))
        if not self._told_to_stop.is_set():
            self._launch(name)

    def _tell_logs(self) -> None:
        for name, follower in self._followers.items():
            for line in follower.lines():
                if not logs.is_routine(name, line):
                    self.teller.line(name, line)

    def _log(self, name: str) -> Path:
        return self.layout.logs / f"{name}.log"

    # stopping

    def _stop(self) -> None:
        names = [name for name in children.END_ORDER if name in self._running]
        stopping = threading.Thread(
            target=children.end_all, args=(self.layout, list(self._running.values()))
        )
        if names:
            self.teller.step("Stopping users' servers, the hub, the proxy and the API")
        stopping.start()
        while stopping.is_alive():
            stopping.join(TICK)
            self._tell_logs()
        self._tell_logs()
        self._running.clear()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def told(number: int, frame: FrameType | None) -> None:
            self._told_to_stop.set()

        before = {
            number: signal.signal(number, told)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _ended(code: int) -> str:
    if code < 0:
        return f"was ended by signal {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
