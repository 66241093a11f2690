"""No server or home is lost when the hub or the proxy is deleted, or the name template changes."""

from __future__ import annotations

import json
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from cluster_support import Hub, Release
from namespaces import Namespace, run, wait_until

USERS = [f"user-{number}" for number in range(20)]
AT_ONCE = 4  # concurrent starts, on two cores
ROUTES = 30  # seconds within which a new proxy has all routes
VALUES: dict[str, Any] = {
    # on two cores, many servers start slowly
    "hub": {"config": {"KubeSpawner": {"http_timeout": 120}}},
    "singleuser": {"memory": {"guarantee": "32M"}},
}


@pytest.fixture(scope="module")
def running(release: Release) -> Release:
    """Install a release and start a server for each user."""
    release.upgrade(VALUES)
    with release.reached() as hub, ThreadPoolExecutor(AT_ONCE) as threads:
        assert len(list(threads.map(hub.start, USERS))) == len(USERS)
    return release


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Any:
    """Print although pytest captures output."""
    capture = request.config.pluginmanager.get_plugin("capturemanager")

    def say(text: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\n   {text}", end="", flush=True)

    return say


def pods(namespace: Namespace) -> dict[str, str]:
    """Return the uids of user pods by name."""
    items = namespace.get("pods", "--selector=component=singleuser-server")["items"]
    return {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in items}


def lost(hub: Hub, before: dict[str, str]) -> list[str]:
    """Return the users whose server is gone, not ready, or in another pod."""
    now = pods(hub.namespace)
    unchanged = {name for name in now if now[name] == before.get(name)}
    return [u for u in USERS if f"jupyter-{u}" not in unchanged or not hub.server(u).get("ready")]


@contextmanager
def polling(hub: Hub) -> Iterator[list[bool]]:
    """Request all servers in turn until the block ends; yield a list of whether each answered."""
    answers: list[bool] = []
    finished = threading.Event()

    def poll() -> None:
        while not finished.is_set():
            answers.extend(answers_without_login(hub, user) for user in USERS)

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield answers
    finally:
        finished.set()
        thread.join()


def answers_without_login(hub: Hub, user: str) -> bool:
    """Return whether the user's server answers a request that needs no login."""
    try:
        with urllib.request.urlopen(f"{hub.url}/user/{user}/api", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_no_server_is_lost_when_the_hub_is_deleted(running: Release, say: Any) -> None:
    namespace = running.namespace
    before = pods(namespace)
    with running.reached() as hub, polling(hub) as answers:
        began = time.monotonic()
        namespace.replace_pod("hub", "--wait=false")
        wait_until("the hub answers", lambda: hub.call("GET", "/hub/health")[0] == 200)
        wait_until("the hub knows them all", lambda: not lost(hub, before), 60)
        took = time.monotonic() - began
        gone = lost(hub, before)
    say(f"hub deleted under {len(before)} servers: {len(gone)} lost, all known in {took:.1f} s; ")
    say(f"{len(answers)} requests meanwhile, {answers.count(False)} without an answer")
    assert not gone
    assert all(answers)


def test_routes_return_when_the_proxy_is_deleted(running: Release, say: Any) -> None:
    namespace = running.namespace
    before = pods(namespace)
    began = time.monotonic()
    namespace.replace_pod("proxy", "--grace-period=0", "--force")
    up = time.monotonic()
    with running.reached() as hub:
        wait_until("all routes", lambda: all(hub.answers(user) for user in USERS), ROUTES)
        now = time.monotonic()
        gone = lost(hub, before)
    say(f"proxy deleted under {len(before)} servers: {len(gone)} lost; it was up after ")
    say(f"{up - began:.1f} s and had all routes after {now - began:.1f} s")
    assert not gone


def test_a_server_that_is_killed_restarts(running: Release, say: Any) -> None:
    """As after running out of memory: its container restarts in the same pod."""
    user = USERS[0]
    before = pods(running.namespace)
    with running.reached() as hub:
        wait_until("it answers", lambda: hub.answers(user))
        began = time.monotonic()
        # kills all processes but the first, an init process, which exits then
        running.namespace.execute(f"jupyter-{user}", "sh", "-c", "kill -9 -1")
        wait_until("it does not answer", lambda: not hub.answers(user), 10)
        wait_until("it answers again", lambda: hub.answers(user))
        gone = lost(hub, before)
    status = running.namespace.get("pod", f"jupyter-{user}")["status"]["containerStatuses"][0]
    say(f"server killed: back after {time.monotonic() - began:.1f} s, ")
    say(f"{status['restartCount']} restart, last ended by {status['lastState']['terminated']}")
    assert not gone


def test_homes_are_kept_when_the_name_template_changes(
    running: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    namespace, user = running.namespace, USERS[1]
    written = namespace.execute(f"jupyter-{user}", "sh", "-c", "echo mine >/home/jovyan/file.txt")
    assert written == (0, "")
    with running.reached() as hub:
        hub.stop(user)
    # with a kubeconfig for the namespace
    config = yaml.safe_load(run("kubectl", "config", "view", "--raw", "--flatten"))
    for context in config["contexts"]:
        context["context"]["namespace"] = namespace.name
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(config))
    listed = homes(("env", f"KUBECONFIG={tmp_path / 'kubeconfig'}", z2jh()))
    assert {name: listed[name]["claim"] for name in USERS} == {u: f"claim-{u}" for u in USERS}
    # and in the hub's pod
    assert homes(("kubectl", f"--namespace={namespace.name}", "exec", "deploy/hub", "--", "z2jh"))

    template = {"dynamic": {"pvcNameTemplate": "home-{username}"}}
    running.upgrade(VALUES, {"singleuser": {"storage": template}})
    with running.reached() as hub:
        hub.start(user)
        hub.start("new-user")
    assert namespace.execute(f"jupyter-{user}", "cat", "/home/jovyan/file.txt") == (0, "mine\n")
    claims = namespace.names("persistentvolumeclaims")
    assert not [name for name in claims if name.endswith(f"home-{user}")]
    assert [name for name in claims if name.endswith("home-new-user")]


def homes(command: tuple[str, ...]) -> dict[str, Any]:
    """Return the entries of `z2jh homes plan` by user."""
    plan = json.loads(run(*command, "homes", "plan", "--format=json"))["homes"]
    return {home["user"]: home for home in plan}


def z2jh() -> str:
    """Return the path of the command of this checkout."""
    return str(Path(sys.executable).with_name("z2jh"))
