"""A home that keeps its server from starting is mended from a rescue server; culling is told."""

from __future__ import annotations

import json
from typing import Any

from cluster_support import TOKEN, Hub, Release
from namespaces import SLOW, Namespace, wait_until

USER = "ada"
POD = f"jupyter-{USER}"
# what prepares a server stumbles over a file in the home
HOOK = {"postStart": {"exec": {"command": ["sh", "-c", "test ! -e /home/jovyan/broken"]}}}


def failed(hub: Hub, user: str) -> str:
    """Start a server that cannot; what its user is told."""
    hub.api("POST", f"users/{user}/server")

    def told() -> Any:
        status, text = hub.call("GET", f"/hub/api/users/{user}/server/progress")
        assert status == 200, text
        last = json.loads(str(text).rsplit("data:", 1)[1])
        assert not last.get("ready"), "the server started"
        return last.get("message") if last.get("failed") else ""

    message = str(wait_until("the start fails", told))
    gone = f"{user}'s failed server is put away"
    wait_until(gone, lambda: not hub.api("GET", f"users/{user}")["pending"])
    return message


def test_a_release_whose_servers_are_prepared_by_a_hook(release: Release) -> None:
    release.upgrade({"singleuser": {"lifecycleHooks": HOOK}})


def test_a_broken_home_is_mended_from_a_rescue_server(
    release: Release, namespace: Namespace
) -> None:
    with release.reached() as hub:
        hub.start(USER)
        assert namespace.execute(POD, "touch", "/home/jovyan/broken")[0] == 0
        hub.stop(USER)
        told = failed(hub, USER)
        assert "(post-start-failed)" in told
        assert f"/hub/spawn/{USER}?opt-rescue=true" in told

        hub.api("POST", f"users/{USER}/server", {"rescue": True})
        wait_until("the rescue server", lambda: hub.ready(USER), SLOW)
        assert namespace.names("pods", "--selector=z2jh.jupyter.org/rescue") == [POD]
        homes = namespace.get("pvc", "--selector=component=singleuser-storage")["items"]
        assert [home["metadata"]["name"] for home in homes] == [f"claim-{USER}"]
        look = ["sh", "-c", "ls /rescue/home; ls /home/jovyan; rm /rescue/home/broken"]
        assert namespace.execute(POD, *look) == (0, "broken\n")
        assert hub.answers(USER)

        hub.stop(USER)
        hub.start(USER)
        assert namespace.names("pods", "--selector=z2jh.jupyter.org/rescue") == []


def test_culling_is_explained_in_the_hubs_pod(release: Release, namespace: Namespace) -> None:
    ask = ["z2jh", "cull", "explain", "--token", TOKEN, "--user"]
    code, said = namespace.execute("deployment/hub", *ask, USER)
    assert code == 0, said
    assert said.startswith(f"{USER}'s server is stopped at "), said
    assert "cull.timeout" in said
    code, said = namespace.execute("deployment/hub", *ask, "nobody")
    assert code == 1
    assert "has no user named nobody" in said
