"""A running hub reloads changed values once the kubelet has updated the mount."""

from __future__ import annotations

import time
from typing import Any

from cluster_support import Hub, Release
from namespaces import Namespace, wait_until

from z2jh_hub.hub.culling import record

FOLDER = "/usr/local/share/pages"
PAGE = '{% extends "templates/login.html" %}{% block main %}PAGE{% endblock %}'
MOUNTED = 60  # seconds; the kubelet updates a pod soon after it is annotated
RELOADED = 60  # seconds after that


def values(*slugs: str, **more: Any) -> dict[str, Any]:
    profiles = [{"display_name": slug.upper(), "slug": slug} for slug in slugs]
    config = {"Authenticator": {"admin_users": more.pop("admins", ["root"])}}
    hub = {"authenticatePrometheus": False, "config": config, **more.pop("hub", {})}
    return {"hub": hub, "singleuser": {"profileList": profiles}, **more}


def template(text: str) -> dict[str, Any]:
    """Return values with a login page in `hub.extraFiles`, mounted as a single file."""
    file = {"mountPath": f"{FOLDER}/login.html", "stringData": PAGE.replace("PAGE", text)}
    return {"templatePaths": [FOLDER], "extraFiles": {"login.html": file}}


def pod(namespace: Namespace) -> str:
    """Return the name of the hub's pod, which a new pod does not reuse."""
    (name,) = namespace.names("pods", "--selector=component=hub")
    return name


def offered(hub: Hub) -> str:
    """Return the message for an unknown profile, which lists the existing ones."""
    status, answer = hub.call("POST", "/hub/api/users/ada/server", {"profile": "none-such"})
    assert status == 403, answer
    message: str = answer["message"]
    return message


def is_mounted(namespace: Namespace, text: str) -> bool:
    file = "/usr/local/etc/jupyterhub/secret/values.yaml"
    code, _ = namespace.execute(pod(namespace), "grep", "-q", text, file, container="hub")
    return code == 0


def is_logged(namespace: Namespace, text: str) -> bool:
    return text in namespace.kubectl("logs", pod(namespace), "--container=hub")


def wait_for_mount(namespace: Namespace, text: str) -> float:
    """Make the kubelet update the mount now, as docs/chart.md describes."""
    namespace.kubectl("annotate", "pod", pod(namespace), f"look-at={text}", "--overwrite")
    wait_until(f"{text} is mounted", lambda: is_mounted(namespace, text), MOUNTED)
    return time.monotonic()


def test_a_new_profile_is_offered_by_the_same_hub(release: Release, namespace: Namespace) -> None:
    release.upgrade(values("small", hub=template("ONE")))
    running = pod(namespace)
    with release.reached() as hub:
        hub.api("POST", "users/ada")
        assert "Choose one of: SMALL (small)." in offered(hub)
        assert "ONE" in hub.call("GET", "/hub/login")[1]
        began = time.monotonic()
        release.upgrade(
            values("small", "large", admins=["root", "ada"], cull={"timeout": 7201},
                   hub={**template("TWO"), "templateVars": {"announcement": "Back at noon"}})
        )  # fmt: skip
        mounted = wait_for_mount(namespace, "Back at noon")
        wait_until("the profile", lambda: "SMALL (small), LARGE (large)." in offered(hub), RELOADED)
        reloaded = time.monotonic()
        print(f"\n   mounted {mounted - began:.0f} s after helm upgrade began, "
              f"in effect {reloaded - mounted:.1f} s later", end="")  # fmt: skip
        wait_until("the administrator", lambda: hub.api("GET", "users/ada")["admin"], RELOADED)
        page = hub.call("GET", "/hub/login")[1]
        assert "Back at noon" in page
        assert "TWO" in page
        started = "jupyterhub_idle_culler"
        wait_until("the culler", lambda: culler(namespace).count("--timeout=7201") == 1, RELOADED)
        assert culler(namespace).count(started) == 1
    assert pod(namespace) == running


def culler(namespace: Namespace) -> str:
    """Return the record of the cullers that run inside the hub."""
    return namespace.execute(pod(namespace), "cat", record.FILE, container="hub")[1]


def test_a_mistake_is_refused_by_the_same_hub(release: Release, namespace: Namespace) -> None:
    running = pod(namespace)
    release.upgrade(values("other", admins=["no/name"], hub=template("TWO")))
    wait_for_mount(namespace, "no/name")
    message = "'no/name' cannot be a user's name"
    wait_until("the log reports it", lambda: is_logged(namespace, message), RELOADED)
    with release.reached() as hub:
        assert "SMALL (small), LARGE (large)." in offered(hub)
        assert "z2jh_values_not_in_force 1.0" in hub.call("GET", "/hub/metrics")[1]
    assert pod(namespace) == running


def test_a_value_that_needs_a_restart_causes_one(release: Release, namespace: Namespace) -> None:
    running = pod(namespace)
    more = {"extraEnv": {"GREETING": "hello"}}
    upgraded = values("medium")
    upgraded["singleuser"] |= more
    release.upgrade(upgraded)
    assert pod(namespace) != running
    with release.reached() as hub:
        assert "Choose one of: MEDIUM (medium)." in offered(hub)
        assert "z2jh_values_not_in_force 0.0" in hub.call("GET", "/hub/metrics")[1]
