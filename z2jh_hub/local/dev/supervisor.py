"""Start the API, the proxy and the hub, restart those that end, and stop all of them."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from ...config.values import Values
from ...hub.reload.prediction import predict
from ..kubelet.addresses import can_listen, listen_error
from . import children, http, hub, routes, secrets
from .children import API, Child
from .guardian import guarded
from .launcher import NAMES, Launcher, Options
from .layout import HOST, Layout, Ports
from .output import Logs, Output

TICK = 0.1  # seconds between two checks of everything
START_LIMIT = 120.0  # seconds for one process to answer
CALM = 30.0  # seconds after which a process counts as healthy
MOST_RESTARTS = 5  # in a row
LAST_PORT = 65535
# after the error of a hub that does not start
CHECK = ". `z2jh check` with the same files names the key and the line of a mistake"


class DevError(Exception):
    """`dev` cannot continue. The text says why and what to do."""


class Supervisor:
    """One run of `dev`, in a directory that this process has taken."""

    def __init__(
        self, layout: Layout, values: Values, ports: Ports, options: Options, output: Output
    ) -> None:
        self.layout, self.values, self.ports = layout, values, ports
        self.options, self.output = options, output
        self.url = f"http://{HOST}:{options.port}{hub.base_url(values)}"
        self._logs = Logs(layout, output)
        self._running: dict[str, Child] = {}
        self._restarts: dict[str, int] = {}
        self._stop_requested = threading.Event()
        self._launcher = Launcher(layout, ports, options)

    def run(
        self, ready: Callable[[str], None], changed: Callable[[], Values | None] = lambda: None
    ) -> None:
        """Start everything, call `ready` with the URL, wait for a signal, stop everything.

        `changed` is called repeatedly and returns the values when they have changed.
        Raises DevError if a process does not start, or ends again and again.
        """
        self._end_leftovers()
        self._refuse_port()
        with _set_on_signals(self._stop_requested), guarded(self.layout):
            try:
                self._begin()
                if not self._stop_requested.is_set():
                    ready(self.url)
                while not self._stop_requested.wait(TICK):
                    self._check_processes()
                    new = changed()
                    if new is not None:
                        self._apply(new)
            finally:
                self._stop()

    # starting

    def _end_leftovers(self) -> None:
        owner = self.layout.owner()
        leftovers = children.left(self.layout)
        if owner:
            self.output.say(
                f"An earlier z2jh dev (process {owner.get('pid')}) was killed. User servers "
                "that still run are kept."
            )
        for child in leftovers:
            self.output.say(f"Stopping a process that it left: {child.name} (process {child.pid})")
        children.end_all(self.layout, leftovers, keep_pods=True)

    def _refuse_port(self) -> None:
        """Raise DevError if the proxy cannot listen on its port."""
        port = self.options.port
        error = listen_error(HOST, port)
        if isinstance(error, PermissionError):
            raise DevError(
                f"This account may not listen on port {port}, because ports below 1024 are "
                "reserved for the system. Choose another port, such as --port 8000."
            )
        if error is not None:
            other = port + 1 if port < LAST_PORT else port - 1
            raise DevError(
                f"Port {port} on {HOST} is in use by another program. "
                f"Choose another port, such as --port {other}."
            )

    def _begin(self) -> None:
        self.layout.sign(self.url)
        self.output.step("Preparing the proxy")
        self._launcher.install()
        hub.write_mounts(self.values, self.layout)
        hub.make_claims(self.values, self.layout)
        self._logs.begin(NAMES)
        self.output.step("Starting the Kubernetes API")
        self._launch(API)
        self._launch("proxy")
        self._wait_for(self.layout.api_ready.exists, "the Kubernetes API")
        self._apply_secrets(self.values)
        self.output.step("Starting the proxy")
        self._wait_for(lambda: routes.routes(self.ports, self._token) is not None, "the proxy")
        self.output.step("Starting the hub")
        self._launch("hub")
        self._wait_for(self._is_public, "the hub")

    def _apply_secrets(self, values: Values) -> None:
        if self._stop_requested.is_set():
            return  # the API may not be running yet
        try:
            secrets.apply(values, self.layout)
        except OSError as error:
            raise DevError(f"Cannot create the Secret of singleuser.extraFiles: {error}") from None

    def _launch(self, name: str) -> None:
        self._running[name] = self._launcher.start(name, self.values)

    def _wait_for(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + START_LIMIT
        while not condition():
            if self._stop_requested.wait(TICK):
                return
            self._logs.show()
            for name, child in self._running.items():
                code = child.exit_code()
                if code is not None:
                    self._logs.show()
                    advice = CHECK if name == "hub" else ""
                    log = self._logs.file(name)
                    raise DevError(f"{name} {_ended(code)}. Its log is {log}{advice}")
            if time.monotonic() > deadline:
                raise DevError(f"{what} did not answer within {START_LIMIT:g} seconds")

    @property
    def _token(self) -> str:
        return hub.proxy_token(self.values)

    def _is_public(self) -> bool:
        """Return whether the hub answers through the proxy; set `url` to where it does."""
        if can_listen(HOST, self.ports.hub):
            return False
        path = routes.hub_path(self.ports, self._token)
        if path is None:
            return False
        self.url = f"http://{HOST}:{self.options.port}{path}"
        return http.answers(f"{self.url}hub/health")

    # watching

    def _check_processes(self) -> None:
        self._logs.show()
        for name, child in list(self._running.items()):
            code = child.exit_code()
            if code is not None:
                self._restart(name, child, code)

    def _apply(self, new: Values) -> None:
        """Have the hub reload changed values, or restart it where it cannot."""
        effects = predict(self.values, new)
        restart = effects.listed + effects.used + effects.rest
        if not restart:
            hub.write_values(new, self.layout)
        else:
            more = f" and {len(restart) - 1} more" if len(restart) > 1 else ""
            changes = ".".join(restart[0]) + more
            self.output.say(f"{changes} changed. Restarting the hub; user servers keep running.")
            children.end(self.layout, self._running["hub"])
            hub.write_mounts(new, self.layout)
            hub.make_claims(new, self.layout)
            self._apply_secrets(new)
        self.values = new
        if restart:
            self._launch("hub")

    def _restart(self, name: str, child: Child, code: int) -> None:
        """Restart a process that ended, as Kubernetes would."""
        children.end(self.layout, child)  # and the processes it started
        if time.time() - child.started > CALM:
            self._restarts[name] = 0
        self._restarts[name] = self._restarts.get(name, 0) + 1
        if self._restarts[name] > MOST_RESTARTS:
            log = self._logs.file(name)
            raise DevError(f"{name} {_ended(code)}, again and again. Its log is {log}")
        self.output.say(f"{name} {_ended(code)}: starting it again")
        self._stop_requested.wait(min(2 ** (self._restarts[name] - 1) / 2, 10))
        if not self._stop_requested.is_set():
            self._launch(name)

    # stopping

    def _stop(self) -> None:
        stopping = threading.Thread(
            target=children.end_all, args=(self.layout, list(self._running.values()))
        )
        if self._running:
            self.output.step("Stopping user servers, the hub, the proxy and the API")
        stopping.start()
        while stopping.is_alive():
            stopping.join(TICK)
            self._logs.show()
        self._logs.show()
        self._running.clear()


@contextmanager
def _set_on_signals(event: threading.Event) -> Iterator[None]:
    """Set `event` on SIGINT, SIGTERM and SIGHUP while the `with` block runs."""

    def handle(number: int, frame: FrameType | None) -> None:
        event.set()

    before = {
        number: signal.signal(number, handle)
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
