"""Compare the CPU that a view of a page takes with that of a plain JupyterHub with KubeSpawner.

    python benchmarks/pages.py [--views N] [--rounds N]

A user with a running server views each page of both hubs, which take turns. CPU seconds are those
of the hub's process, so a busy machine changes them little. Linux only (/proc).
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.hubs import NoRoutes, free_port, serve

from benchmarks.load.processes import TOKEN, Process, start_hub, start_kubernetes

PAGES = ("hub/home", "hub/token", "hub/login", "hub/no-such-page")
KINDS = ("plain", "ours")


class Viewer:
    """Ada, who is logged in to a hub and has a running server."""

    def __init__(self, hub: Process, url: str) -> None:
        self.hub, self.root = hub, url.removesuffix("hub/")
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.get(f"{self.root}hub/login").raise_for_status()
        answer = self.session.post(
            f"{self.root}hub/login?next=/hub/home",
            data={"username": "ada", "password": "any", "_xsrf": self.session.cookies["_xsrf"]},
        )
        assert answer.url.endswith("/hub/home"), answer.url
        self._start()

    def _start(self) -> None:
        service = {"Authorization": f"token {TOKEN}"}
        user = f"{self.root}hub/api/users/ada"
        requests.post(f"{user}/server", headers=service).raise_for_status()

        def is_ready() -> bool:
            servers = requests.get(user, headers=service).json()["servers"]
            return bool(servers.get("", {}).get("ready"))

        self.hub.wait_until(is_ready)

    def cpu_of(self, page: str, views: int) -> float:
        """Return the milliseconds of CPU that a view takes."""
        # the log-in page is for those who are not logged in
        session = requests.Session() if page == "hub/login" else self.session
        session.get(self.root + page)  # loads its template
        before = self.hub.cpu()
        for _ in range(views):
            session.get(self.root + page)
        return 1000 * (self.hub.cpu() - before) / views


def measure(views: int, rounds: int) -> dict[tuple[str, str], float]:
    """Return {(kind, page): median milliseconds of CPU}."""
    results: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as name, serve(NoRoutes) as proxy:
        running: list[Process] = []
        viewers: dict[str, Viewer] = {}
        try:
            for kind in KINDS:
                folder = Path(name, kind)
                folder.mkdir()
                kubernetes, kubeconfig = start_kubernetes(folder, 0.1, 0)
                running.append(kubernetes)
                hub, url = start_hub(kind, folder, kubeconfig, proxy, free_port())
                running.append(hub)
                viewers[kind] = Viewer(hub, url)
            for number in range(rounds):
                for page in PAGES:
                    for kind in KINDS if number % 2 == 0 else reversed(KINDS):
                        cpu = viewers[kind].cpu_of(page, views)
                        results.setdefault((kind, page), []).append(cpu)
        finally:
            for process in reversed(running):
                process.stop()
    return {key: statistics.median(values) for key, values in results.items()}


def main() -> None:
    parser = argparse.ArgumentParser("python benchmarks/pages.py")
    parser.add_argument("--views", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"{time.strftime('%Y-%m-%d')}: milliseconds of CPU per view, median of {options.rounds}")
    medians = measure(options.views, options.rounds)
    print(f"{'page':<20}{'plain':>8}{'ours':>8}{'ratio':>8}")
    for page in PAGES:
        plain, ours = (medians[kind, page] for kind in KINDS)
        print(f"{page:<20}{plain:>8.1f}{ours:>8.1f}{ours / plain:>8.2f}")


if __name__ == "__main__":
    main()
