"""The hub has the permissions it needs, and no others, here with a whole hub and real servers.

Each verb of its Role is taken away in `tests/spawner/test_hub_permissions.py`.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from cluster_support import Hub, Release
from namespaces import Namespace, run, wait_until

SPAWN = 25  # seconds in which a server starts here, or does not


@pytest.fixture(scope="module")
def running(release: Release) -> Release:
    release.upgrade({"singleuser": {"startTimeout": SPAWN}})
    return release


def rules(namespace: Namespace, account: str) -> list[dict[str, Any]]:
    """What the API server lets a service account do in the namespace."""
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace.name},
    }
    who = f"--as=system:serviceaccount:{namespace.name}:{account}"
    text = run(
        "kubectl",
        "create",
        "--filename=-",
        "--output=json",
        "--validate=false",
        who,
        given=json.dumps(review),
    )
    found: list[dict[str, Any]] = json.loads(text)["status"]["resourceRules"]
    return [rule for rule in found if "selfsubject" not in str(rule)]


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
    """The hub's whole work for a user: a new home, a server, its end, and the user's."""
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
    restart = verb == "list"  # what was listed is known
    with running.reached() as hub:
        try:
            namespace.kubectl("replace", "--filename=-", given=json.dumps(less))
            if restart:
                restart_hub(namespace, hub)
            assert not works(hub, user)
        finally:
            role["metadata"].pop("resourceVersion")
            namespace.kubectl("replace", "--filename=-", given=json.dumps(role))
            if restart:
                namespace.kubectl("delete", "pods", "--selector=component=singleuser-server")
                restart_hub(namespace, hub)
        assert works(hub, f"{verb}-again")


def restart_hub(namespace: Namespace, hub: Hub) -> None:
    """A new hub: its watches are begun with the permissions of now."""
    namespace.replace_pod("hub")
    wait_until("the hub answers", lambda: hub.call("GET", "/hub/health")[0] == 200)
