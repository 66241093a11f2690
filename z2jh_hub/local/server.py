"""The process of local mode: the embedded API and its kubelet, in one event loop."""

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import secrets
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from . import persistence
from .api.app import make_app, server_url
from .faults import Faults
from .kubelet.addresses import Addresses, many_addresses
from .kubelet.context import Context, Timing
from .kubelet.fake import FakeMode
from .kubelet.images import ImageRule, Images
from .kubelet.kubelet import Kubelet, left_pods
from .kubelet.limits import Limits, find_limits
from .kubelet.pod import Pod
from .kubelet.recorder import Recorder
from .objects.resources import NAMESPACES
from .objects.store import Store
from .state import State, StateError, write_private

log = logging.getLogger(__name__)

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Settings:
    """The settings of the process. `port` 0: the previous one, else any; times in seconds.

    `fake`: pods are pretended, ready after this time; `single_address`: all pods on 127.0.0.1
    (None: where there is no other way); `stop_limit`: for stopping all pods at the end.
    """

    state: Path
    port: int = 0
    token_file: Path | None = None
    namespace: str = "default"
    images: Sequence[ImageRule] = ()
    fake: float | None = None
    jitter: float = 0.0
    ready_file: Path | None = None
    single_address: bool | None = None
    stop_limit: float = 15.0
    timing: Timing = field(default_factory=Timing)


class Server:
    """`start`, then `stop` (pods end too) or `leave` (they run on)."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.state = State(settings.state)
        self.store = Store()
        self.faults = Faults()
        self.fake = None if settings.fake is None else FakeMode(settings.fake, settings.jitter)
        self.port = 0
        self.token = ""
        self._cleanup = contextlib.AsyncExitStack()

    async def start(self) -> None:
        """Take the state directory, restore what was, and serve.

        Raises StateError (the directory, or the port, cannot be had).
        """
        self.state.open()
        self._cleanup.callback(self.state.close)
        try:
            await self._start()
        except BaseException:
            await self._cleanup.aclose()
            raise

    async def _start(self) -> None:
        settings = self.settings
        earlier = [] if self.fake else left_pods(self.state.pods)
        if not self.fake:
            persistence.restore(self.store, self.state, [pod for pod, _ in earlier])
        if self.store.find(NAMESPACES, None, settings.namespace) is None:
            self.store.create(NAMESPACES, None, {"metadata": {"name": settings.namespace}})
        self.kubelet = Kubelet(self._context(), self.fake.make if self.fake else Pod)
        self.token = self._token()
        app = make_app(self.store, self.kubelet, self.faults, self.token)
        await self._listen(app)
        self.kubelet.start(earlier)
        if self.fake:
            self._cleanup.push_async_callback(self.fake.responder.close)
        else:
            keeping = asyncio.create_task(persistence.keep(self.store, self.state))
            self._cleanup.push_async_callback(_cancelled, keeping)
        self._tell()

    async def stop(self) -> None:
        """Stop every pod, then this."""
        await self.kubelet.stop_all(self.settings.stop_limit)
        await self._cleanup.aclose()

    async def leave(self) -> None:
        """Stop this; pods run on, and the next server of this directory finds them."""
        await self.kubelet.let_go()
        await self._cleanup.aclose()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def _context(self) -> Context:
        seed = str(self.state.root)
        single = self.settings.single_address
        if single is None:
            single = not many_addresses()
        limits = Limits({})
        if not self.fake:
            limits = find_limits(f"z2jh-{hashlib.sha256(seed.encode()).hexdigest()[:12]}")
            self._cleanup.callback(limits.close)
        return Context(
            self.store,
            Recorder(self.store),
            self.state,
            Images(self.settings.images),
            # fake pods share one listener on every address, so none would look free
            Addresses(seed, single=single and not self.fake, check=not self.fake),
            limits,
            self.faults.pod_failure,
            self.settings.timing,
        )

    def _token(self) -> str:
        """The token that clients show: what the file says, made when there is none."""
        file = self.settings.token_file or self.state.root / "token"
        token = file.read_text().strip() if file.exists() else ""
        if not token:
            token = secrets.token_hex(32)
            write_private(file, token + "\n")
        return token

    async def _listen(self, app: web.Application) -> None:
        # watches of the hub and kubectl never end by themselves, so they are closed
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._cleanup.push_async_callback(runner.cleanup)
        remembered = self.state.root / "port"
        port = self.settings.port
        if not port and remembered.exists():
            with contextlib.suppress(OSError):
                await self._bind(runner, int(remembered.read_text()))
        if not self.port:
            try:
                await self._bind(runner, port)
            except OSError as error:
                raise StateError(
                    f"Port {port} on {HOST} cannot be used ({error.strerror or error}). "
                    "Name another with --port, or 0 for any free one."
                ) from error
        write_private(remembered, f"{self.port}\n")

    async def _bind(self, runner: web.AppRunner, port: int) -> None:
        site = web.TCPSite(runner, HOST, port, reuse_address=True)
        await site.start()
        self.port = runner.addresses[0][1]

    def _tell(self) -> None:
        """Write the kubeconfig, and the file that says that all is ready."""
        url = server_url(self.port, self.token, HOST)
        write_private(self.state.kubeconfig, kubeconfig(url, self.token, self._namespace))
        log.info("The API is at %s, its kubeconfig is %s", self.url, self.state.kubeconfig)
        if self.settings.ready_file:
            ready = {"pid": os.getpid(), "port": self.port, "url": self.url}
            write_private(self.settings.ready_file, json.dumps(ready))

    @property
    def _namespace(self) -> str:
        return self.settings.namespace


def kubeconfig(url: str, token: str, namespace: str) -> str:
    """A kubeconfig file's text (JSON, which is YAML)."""
    name = "z2jh-local"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": url}}],
        "users": [{"name": name, "user": {"token": token}}],
        "contexts": [
            {"name": name, "context": {"cluster": name, "user": name, "namespace": namespace}}
        ],
        "current-context": name,
    }
    return json.dumps(config, indent=2) + "\n"


async def run(settings: Settings) -> None:
    """Serve until a signal: SIGTERM or SIGINT stops the pods, SIGHUP leaves them."""
    server = Server(settings)
    loop = asyncio.get_running_loop()
    stop_signal: asyncio.Future[signal.Signals] = loop.create_future()

    def tell(number: signal.Signals) -> None:
        if not stop_signal.done():
            stop_signal.set_result(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, tell, number)
    await server.start()
    number = await stop_signal
    log.info("%s: %s", number.name, "leaving pods" if number == signal.SIGHUP else "stopping")
    await (server.leave() if number == signal.SIGHUP else server.stop())


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def main(settings: Settings) -> int:
    """Run; the exit code."""
    try:
        asyncio.run(run(settings))
    except StateError as error:
        log.error("%s", error)
        return 1
    except Exception:
        log.exception("The local server failed")
        return 1
    finally:
        sys.stderr.flush()
    return 0
