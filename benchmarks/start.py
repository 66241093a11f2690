"""Measure CPU and memory of a starting hub, compared with a plain JupyterHub.

Both run the real `jupyterhub` with KubeSpawner and the dummy authenticator until `/hub/health`
answers; then the kernel reports CPU seconds and peak memory. Runs alternate, so that the load of
the machine affects both. Linux only (/proc).

    python benchmarks/start.py [RUNS]
"""

from __future__ import annotations

import http.server
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.hubs import NoRoutes, free_port

from z2jh_hub.chart import chart_files
from z2jh_hub.config import sources

DEADLINE = 60  # seconds for one start

PLAIN = """
c.JupyterHub.spawner_class = "kubespawner.KubeSpawner"
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.db_url = "sqlite:///jupyterhub.sqlite"
c.JupyterHub.cleanup_servers = False
c.ConfigurableHTTPProxy.should_start = False
"""

OURS = """
from z2jh_hub.configure import configure
configure(c)
"""

# addresses of both hubs
ADDRESSES = """
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
"""


def mounts(folder: Path) -> Path:
    """Write the mounts of a hub with the default values, without the culler process."""
    values = sources.parse(chart_files.read("values.yaml"), "values.yaml").data
    values = sources.merge(values, {"cull": {"enabled": False}})
    (folder / "secret").mkdir(parents=True)
    (folder / "secret" / "values.yaml").write_text(yaml.safe_dump(values))
    (folder / "secret" / "hub.config.JupyterHub.cookie_secret").write_text("ab" * 32)
    return folder


def start_once(config: str, proxy: int) -> tuple[float, float]:
    """Start a hub once; return CPU seconds and peak memory in MB."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "jupyterhub_config.py")
        file.write_text(config + ADDRESSES.format(hub=port, proxy=proxy))
        environment = {
            **os.environ,
            "Z2JH_CONFIG_ROOT": str(mounts(Path(folder, "mounts"))),
            "CONFIGPROXY_AUTH_TOKEN": "x",
            "JUPYTERHUB_CRYPT_KEY": "ab" * 32,
        }
        hub = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(file)],
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/hub/health", hub)
            return cpu_seconds(hub.pid), peak_memory(hub.pid)
        finally:
            hub.send_signal(signal.SIGKILL)
            hub.wait()
            assert hub.stderr
            hub.stderr.close()


def wait_for(url: str, hub: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if hub.poll() is not None:
            assert hub.stderr
            raise SystemExit(f"the hub did not start:\n{hub.stderr.read().decode()}")
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise SystemExit(f"no answer from {url} in {DEADLINE} s")


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_memory(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("the kernel does not report peak memory")


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), NoRoutes)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    results: dict[str, list[tuple[float, float]]] = {"z2jh": [], "plain": []}
    for run in range(runs + 1):
        for name, config in (("z2jh", OURS), ("plain", PLAIN)):
            figures = start_once(config, proxy.server_port)
            if run:  # the first run fills caches
                results[name].append(figures)
        print(f"\r{run}/{runs} runs", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(f"{'from exec to /hub/health':<26}{'z2jh':>10}{'plain':>10}{'ratio':>8}")
    for index, label in enumerate(("CPU seconds (median)", "peak memory, MB (median)")):
        ours, plain = ([f[index] for f in results[name]] for name in ("z2jh", "plain"))
        ratio = statistics.median(a / b for a, b in zip(ours, plain, strict=True))
        a, b = statistics.median(ours), statistics.median(plain)
        print(f"{label:<26}{a:>10.2f}{b:>10.2f}{ratio:>8.2f}")


if __name__ == "__main__":
    main()
