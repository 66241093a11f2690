"""A rescue server repairs a home that keeps its server from starting; `cull explain` works."""

from __future__ import annotations

import json
from typing import Any

from cluster_support import TOKEN, Hub, Release
from namespaces import SLOW, Namespace, wait_until

USER = "ada"
POD = f"jupyter-{USER}"
# a hook that prepares the server fails if the file exists
HOOK = {"postStart": {"exec": {"command": ["sh", "-c", "test ! -e /home/jovyan/broken"]}}}


def failed(hub: Hub, user: str) -> str:
    """Start a server that fails; return the message that its user sees."""
    hub.api("POST", f"users/{user}/server")

    def last_message() -> Any:
        status, text = hub.call("GET", f"/hub/api/users/{user}/server/progress")
        assert status == 200, text
        last = json.loads(str(text).rsplit("data:", 1)[1])
        assert not last.get("ready"), "the server started"
        return last.get("message") if last.get("failed") else ""

    message = str(wait_until("the start fails", last_message))
    wait_until(
        f"{user}'s failed server is deleted", lambda: not hub.api("GET", f"users/{user}")["pending"]
    )
    return message


def test_install_a_release_with_a_hook(release: Release) -> None:
    release.upgrade({"singleuser": {"lifecycleHooks": HOOK}})


def test_a_rescue_server_repairs_a_broken_home(release: Release, namespace: Namespace) -> None:
    with release.reached() as hub:
        hub.start(USER)
        assert namespace.execute(POD, "touch", "/home/jovyan/broken")[0] == 0
        hub.stop(USER)
        message = failed(hub, USER)
        assert "(post-start-failed)" in message
        assert f"/hub/spawn/{USER}?opt-rescue=true" in message

        hub.api("POST", f"users/{USER}/server", {"rescue": True})
        wait_until("the rescue server", lambda: hub.ready(USER), SLOW)
        assert namespace.names("pods", "--selector=z2jh.jupyter.org/rescue") == [POD]
        homes = namespace.get("pvc", "--selector=component=singleuser-storage")["items"]
        assert [home["metadata"]["name"] for home in homes] == [f"claim-{USER}"]
        script = ["sh", "-c", "ls /rescue/home; ls /home/jovyan; rm /rescue/home/broken"]
        assert namespace.execute(POD, *script) == (0, "broken\n")
        assert hub.answers(USER)

        hub.stop(USER)
        hub.start(USER)
        assert namespace.names("pods", "--selector=z2jh.jupyter.org/rescue") == []


def test_cull_explain_works_in_the_hubs_pod(release: Release, namespace: Namespace) -> None:
    command = ["z2jh", "cull", "explain", "--token", TOKEN, "--user"]
    code, output = namespace.execute("deployment/hub", *command, USER)
    assert code == 0, output
    assert output.startswith(f"{USER}'s server is stopped at "), output
    assert "cull.timeout" in output
    code, output = namespace.execute("deployment/hub", *command, "nobody")
    assert code == 1
    assert "has no user named nobody" in output
