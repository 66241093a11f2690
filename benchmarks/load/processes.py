"""The processes of a load test, and the CPU and memory that the kernel reports for them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import yaml

from z2jh_hub.chart import chart_files
from z2jh_hub.config import sources

DEADLINE = 120.0  # seconds for a process to be ready
TOKEN = "a-token-of-the-bench"
TICK = os.sysconf("SC_CLK_TCK")

OUR_CONFIG = Path(__file__).parents[2] / "images" / "hub" / "jupyterhub_config.py"
PLAIN_CONFIG = Path(__file__).with_name("plain_config.py")
PROGRAMS = {"plain": ("jupyterhub", PLAIN_CONFIG), "ours": ("z2jh_hub.hub", OUR_CONFIG)}

# what differs between this machine and a cluster; the same as in plain_config.py
PLACE = f"""
import os
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{{os.environ['BENCH_HUB_PORT']}}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{{os.environ['BENCH_PROXY_PORT']}}"
c.KubeSpawner.port = int(os.environ["BENCH_POD_PORT"])
c.JupyterHub.services.append({{"name": "bench", "api_token": "{TOKEN}"}})
c.JupyterHub.load_roles.append({{"name": "bench", "services": ["bench"], "scopes": [
    "admin:users", "admin:servers", "users:activity"]}})
"""


class Process:
    """A running program; its log is `NAME.log` in `folder`."""

    def __init__(self, folder: Path, name: str, command: list[str], **environ: str) -> None:
        self.log = folder / f"{name}.log"
        self._out: IO[bytes] = self.log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=folder,
            env={**os.environ, **environ},
            stdout=self._out,
            stderr=self._out,
        )

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds; exit with the end of the log if it never does."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{self.log} ends with:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._out.close()

    @contextmanager
    def profiled(self, file: str) -> Iterator[None]:
        """Have py-spy, which must be installed, write the stacks of the process to a file."""
        if not file:
            yield
            return
        command = ["py-spy", "record", "-f", "raw", "-o", file, "-p", str(self._process.pid)]
        spy = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            spy.send_signal(signal.SIGINT)
            spy.wait(60)

    def cpu(self) -> float:
        """Return the CPU seconds that the process has used."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory(self) -> float:
        """Return the resident memory in MB, with that of the process's children."""
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return sum(map(_memory, [str(pid), *children]))


def _memory(pid: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("the kernel does not report memory")


@dataclass(frozen=True)
class Cull:
    """The options of the culler, in seconds."""

    timeout: int = 3600
    every: int = 600


def start_kubernetes(folder: Path, seconds: float, jitter: float) -> tuple[Process, Path]:
    """Start an embedded API whose pods are ready after `seconds`; return it and its kubeconfig."""
    ready, state = folder / "kubernetes.ready", folder / "kubernetes"
    command = ["z2jh_hub.local", "--fake", str(seconds), "--fake-jitter", str(jitter)]
    process = Process(
        folder, "kubernetes", [*command, "--state", str(state), "--ready-file", str(ready)]
    )
    process.wait_until(ready.exists)
    return process, state / "kubeconfig"


def start_hub(
    kind: str,
    folder: Path,
    kubeconfig: Path,
    proxy: int,
    pods: int,
    off: tuple[str, ...] = (),
    cull: Cull | None = None,
) -> tuple[Process, str]:
    """Start a hub, "plain" or "ours", without the levers in `off`; return it and its URL."""
    cull = cull or Cull()
    port = free_port()
    program, config = PROGRAMS[kind]
    environ = {
        "KUBECONFIG": str(kubeconfig),
        "BENCH_HUB_PORT": str(port),
        "BENCH_PROXY_PORT": str(proxy),
        "BENCH_POD_PORT": str(pods),
        "BENCH_TOKEN": TOKEN,
        "CONFIGPROXY_AUTH_TOKEN": "x",
        "JUPYTERHUB_CRYPT_KEY": "ab" * 32,
        "JPY_COOKIE_SECRET": "ab" * 32,
        "HUB_SERVICE_PORT": str(port),
        "Z2JH_CONFIG_ROOT": str(_mounts(folder / "mounts", off, cull)),
        "BENCH_CULL_TIMEOUT": str(cull.timeout),
        "BENCH_CULL_EVERY": str(cull.every),
        # `python3` of the culler's service
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    process = Process(folder, kind, [program, "-f", str(config)], **environ)
    url = f"http://127.0.0.1:{port}/hub/"
    process.wait_until(lambda: _answers(f"{url}health"))
    return process, url


def _mounts(root: Path, off: tuple[str, ...], cull: Cull) -> Path:
    """Write the mounts of a hub with the default values."""
    values = sources.parse(chart_files.read("values.yaml"), "values.yaml").data
    speed = {"speed": dict.fromkeys(off, False)} if off else {}
    changes: dict[str, Any] = {
        "cull": {"timeout": cull.timeout, "every": cull.every},
        "hub": {"config": {"Authenticator": {"allow_all": True}}, **speed},
    }
    for name in ("secret", "jupyterhub_config.d"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "secret" / "values.yaml").write_text(yaml.safe_dump(sources.merge(values, changes)))
    (root / "secret" / "hub.config.JupyterHub.cookie_secret").write_text("ab" * 32)
    (root / "jupyterhub_config.d" / "place.py").write_text(PLACE)
    return root


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=1).close()
    except (urllib.error.URLError, OSError):
        return False
    return True


def versions() -> dict[str, str]:
    """Return what the figures depend on, apart from this project."""
    names = ("jupyterhub", "jupyterhub-kubespawner", "SQLAlchemy", "tornado")
    from importlib.metadata import version

    return {"Python": sys.version.split()[0], **{name: version(name) for name in names}}
