"""A server's securityContext: completed for `restricted` Pod Security where that fits."""

from __future__ import annotations

from typing import Any

import pytest
from kubespawner.objects import make_pod

from z2jh_hub.spawner.pod_security import restrict, restricted

PLAIN = {"runAsUser": 1000, "allowPrivilegeEscalation": False}
WHOLE = {
    **PLAIN,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def test_a_plain_server_is_completed() -> None:
    assert restricted(PLAIN, {}) == WHOLE


@pytest.mark.parametrize(
    "given",
    [
        {**PLAIN, "runAsUser": 0},
        {**PLAIN, "allowPrivilegeEscalation": True},
        {"runAsUser": 1000},
        {**PLAIN, "privileged": True},
        {"allowPrivilegeEscalation": False},
    ],
    ids=["root", "may become root", "may by default", "privileged", "as the image says"],
)
def test_a_server_that_needs_more_is_left(given: dict[str, Any]) -> None:
    assert restricted(given, {}) == given


def test_what_is_set_stays() -> None:
    capabilities = {"add": ["SYS_PTRACE"]}
    assert restricted({**PLAIN, "capabilities": capabilities}, {})["capabilities"] == capabilities


def test_the_pods_profile_is_the_servers() -> None:
    pod = {"seccompProfile": {"type": "Localhost", "localhostProfile": "hub.json"}}
    assert "seccompProfile" not in restricted(PLAIN, pod)


def test_the_pods_user_counts() -> None:
    assert restricted({"allowPrivilegeEscalation": False}, {"runAsUser": 1000})["runAsNonRoot"]


def test_a_pod_with_a_security_context_of_the_administrators() -> None:
    pod = make_pod(
        name="jupyter-ada",
        cmd=None,
        port=8888,
        image="image",
        image_pull_policy=None,
        uid=1000,
        allow_privilege_escalation=False,
        extra_pod_config={"securityContext": {"fsGroup": 100}},
        extra_container_config={"securityContext": PLAIN},
    )
    restrict(pod)
    assert pod.spec.containers[0].security_context == WHOLE
