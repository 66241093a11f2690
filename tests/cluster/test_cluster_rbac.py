"""The hub has the permissions that it needs and no others, tested with real servers.

`tests/spawner/test_hub_permissions.py` removes each verb of the hub's Role.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from cluster_support import Hub, Release
from namespaces import Namespace, run, wait_until

SPAWN = 25  # seconds within which a server starts or fails


@pytest.fixture(scope="module")
def running(release: Release) -> Release:
    release.upgrade({"singleuser": {"startTimeout": SPAWN}})
    return release


def rules(namespace: Namespace, account: str) -> list[dict[str, Any]]:
    """Return the rules that apply to a service account in the namespace."""
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace.name},
    }
    account_option = f"--as=system:serviceaccount:{namespace.name}:{account}"
    text = run(
        "kubectl",
        "create",
        "--filename=-",
        "--output=json",
        "--validate=false",
        account_option,
        stdin=json.dumps(review),
    )
    allowed: list[dict[str, Any]] = json.loads(text)["status"]["resourceRules"]
    return [rule for rule in allowed if "selfsubject" not in str(rule)]


def test_no_account_has_wildcards(running: Release) -> None:
    namespace = running.namespace
    for account in namespace.names("serviceaccounts"):
        text = str(rules(namespace, account))
        assert "*" not in text, (account, text)


def test_the_hub_reads_no_secret_through_the_api(running: Release) -> None:
    allowed = rules(running.namespace, "hub")
    assert allowed
    assert not any("secrets" in rule["resources"] for rule in allowed)


def test_a_server_has_no_account_in_the_api(running: Release) -> None:
    with running.reached() as hub:
        pod = hub.start("carl")
        spec = running.namespace.get("pod", pod)["spec"]
        hub.stop("carl")
    assert spec["automountServiceAccountToken"] is False


def works(hub: Hub, user: str) -> bool:
    """Create a user, start and stop a server with a new home, and delete the user."""
    namespace = hub.namespace
    try:
        pod = hub.start(user, SPAWN + 10)
        hub.stop(user)
        hub.api("DELETE", f"users/{user}")
    except AssertionError:
        return False
    return pod not in namespace.names("pods")


@pytest.mark.parametrize(
    ("resource", "verb"),
    [
        ("pods", "create"),
        ("pods", "list"),
        ("persistentvolumeclaims", "create"),
    ],
)
def test_the_hub_cannot_work_without(running: Release, resource: str, verb: str) -> None:
    namespace = running.namespace
    role = namespace.get("role", "hub")
    less = copy.deepcopy(role)
    for rule in less["rules"]:
        if resource in rule["resources"]:
            rest = [name for name in rule["resources"] if name != resource]
            verbs = [name for name in rule["verbs"] if name != verb]
            less["rules"].append({**rule, "resources": [resource], "verbs": verbs})
            rule["resources"] = rest
            break
    less["rules"] = [rule for rule in less["rules"] if rule["resources"]]
    user = f"{verb}-{resource}"[:12]
    restart = verb == "list"  # the hub caches what it has listed
    with running.reached() as hub:
        try:
            namespace.kubectl("replace", "--filename=-", stdin=json.dumps(less))
            if restart:
                restart_hub(namespace, hub)
            assert not works(hub, user)
        finally:
            role["metadata"].pop("resourceVersion")
            namespace.kubectl("replace", "--filename=-", stdin=json.dumps(role))
            if restart:
                namespace.kubectl("delete", "pods", "--selector=component=singleuser-server")
                restart_hub(namespace, hub)
        assert works(hub, f"{user}-again")


def restart_hub(namespace: Namespace, hub: Hub) -> None:
    """Replace the hub's pod, so that its watches start with the current permissions."""
    namespace.replace_pod("hub")
    wait_until("the hub answers", lambda: hub.call("GET", "/hub/health")[0] == 200)
