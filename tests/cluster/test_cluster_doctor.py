"""`z2jh doctor` on a real release: nothing while it works, and the cause when it does not."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from cluster_support import Release
from namespaces import Namespace, wait_until
from support.command import Z2JH

# a Service of type ClusterIP, as in all cluster tests
EXPECTED = {"only-inside-cluster"}


def doctor(namespace: Namespace) -> tuple[int, Any]:
    """Return the exit code and the report of `z2jh doctor --format json`."""
    command = [Z2JH, "doctor", "--format", "json", "--namespace", namespace.name]
    done = subprocess.run(command, text=True, capture_output=True, timeout=60)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


def ids(namespace: Namespace) -> set[str]:
    return {finding["id"] for finding in doctor(namespace)[1]["findings"]} - EXPECTED


def test_healthy_release_has_no_finding(namespace: Namespace, release: Release) -> None:
    release.upgrade()
    code, report = doctor(namespace)
    assert code == 0
    assert {finding["id"] for finding in report["findings"]} <= EXPECTED, report
    assert report["unread"] == []
    assert report["facts"]["room"]


def test_image_that_cannot_be_pulled_is_the_only_finding(namespace: Namespace) -> None:
    namespace.kubectl("set", "image", "deployment/proxy", "chp=registry.invalid/nothing:1")
    wait_until("the proxy's image", lambda: ids(namespace) == {"image-not-pulled"})
    namespace.kubectl("rollout", "undo", "deployment/proxy")
    wait_until("the proxy", lambda: ids(namespace) == set())


def test_missing_permission_of_the_hub_is_named(namespace: Namespace, release: Release) -> None:
    namespace.kubectl("delete", "rolebinding", "hub")
    with release.reached() as hub:
        hub.api("POST", "users/ada")
        hub.call("POST", "/hub/api/users/ada/server")
    wait_until("the permission", lambda: ids(namespace) == {"hub-without-permission"})
