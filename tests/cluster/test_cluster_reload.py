"""A running hub takes over what `helm upgrade` changed, once the kubelet has brought it."""

from __future__ import annotations

import time
from typing import Any

from cluster_support import Hub, Release
from namespaces import Namespace, wait_until

FOLDER = "/usr/local/share/pages"
PAGE = '{% extends "templates/login.html" %}{% block main %}PAGE{% endblock %}'
BROUGHT = 60  # seconds: the kubelet looks at once at a pod that was annotated
TAKEN = 60  # seconds after that


def values(*slugs: str, **more: Any) -> dict[str, Any]:
    profiles = [{"display_name": slug.upper(), "slug": slug} for slug in slugs]
    config = {"Authenticator": {"admin_users": more.pop("admins", ["root"])}}
    hub = {"authenticatePrometheus": False, "config": config, **more.pop("hub", {})}
    return {"hub": hub, "singleuser": {"profileList": profiles}, **more}


def template(text: str) -> dict[str, Any]:
    """A login page in `hub.extraFiles`, which is mounted as one file."""
    file = {"mountPath": f"{FOLDER}/login.html", "stringData": PAGE.replace("PAGE", text)}
    return {"templatePaths": [FOLDER], "extraFiles": {"login.html": file}}


def pod(namespace: Namespace) -> str:
    """The hub's pod, by the name that it has once."""
    (name,) = namespace.names("pods", "--selector=component=hub")
    return name


def offered(hub: Hub) -> str:
    """Which profiles there are, as somebody is told who asks for another."""
    status, answer = hub.call("POST", "/hub/api/users/ada/server", {"profile": "none-such"})
    assert status == 403, answer
    message: str = answer["message"]
    return message


def is_mounted(namespace: Namespace, text: str) -> bool:
    file = "/usr/local/etc/jupyterhub/secret/values.yaml"
    code, _ = namespace.execute(pod(namespace), "grep", "-q", text, file, container="hub")
    return code == 0


def is_said(namespace: Namespace, text: str) -> bool:
    return text in namespace.kubectl("logs", pod(namespace), "--container=hub")


def wait_for_mount(namespace: Namespace, text: str) -> float:
    """Have the kubelet bring the values now, as docs/chart.md says; it looks once a minute."""
    namespace.kubectl("annotate", "pod", pod(namespace), f"look-at={text}", "--overwrite")
    wait_until(f"{text} is mounted", lambda: is_mounted(namespace, text), BROUGHT)
    return time.monotonic()


def test_a_new_profile_is_offered_by_the_same_hub(release: Release, namespace: Namespace) -> None:
    release.upgrade(values("small", hub=template("ONE")))
    running = pod(namespace)
    with release.reached() as hub:
        hub.api("POST", "users/ada")
        assert "There are: small." in offered(hub)
        assert "ONE" in hub.call("GET", "/hub/login")[1]
        began = time.monotonic()
        release.upgrade(
            values("small", "large", admins=["root", "ada"], cull={"timeout": 7201},
                   hub={**template("TWO"), "templateVars": {"announcement": "Back at noon"}})
        )  # fmt: skip
        mounted = wait_for_mount(namespace, "Back at noon")
        wait_until("the profile", lambda: "small, large." in offered(hub), TAKEN)
        taken = time.monotonic()
        print(f"\n   mounted {mounted - began:.0f} s after helm upgrade began, "
              f"in force {taken - mounted:.1f} s later", end="")  # fmt: skip
        wait_until("the administrator", lambda: hub.api("GET", "users/ada")["admin"], TAKEN)
        page = hub.call("GET", "/hub/login")[1]
        assert "Back at noon" in page
        assert "TWO" in page
        started = "jupyterhub_idle_culler"
        wait_until("the culler", lambda: culler(namespace).count("--timeout=7201") == 1, TAKEN)
        assert culler(namespace).count(started) == 1
    assert pod(namespace) == running


def culler(namespace: Namespace) -> str:
    """The command lines of all cullers in the hub's pod."""
    each = "for p in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < $p; echo; done"
    look = f"{each} | grep '[-]m jupyterhub_idle_culler'"
    return namespace.execute(pod(namespace), "sh", "-c", look, container="hub")[1]


def test_a_mistake_is_refused_by_the_same_hub(release: Release, namespace: Namespace) -> None:
    running = pod(namespace)
    release.upgrade(values("other", admins=["no/name"], hub=template("TWO")))
    wait_for_mount(namespace, "no/name")
    words = "'no/name' cannot be a user's name"
    wait_until("the log says so", lambda: is_said(namespace, words), TAKEN)
    with release.reached() as hub:
        assert "small, large." in offered(hub)
        assert "z2jh_values_not_in_force 1.0" in hub.call("GET", "/hub/metrics")[1]
    assert pod(namespace) == running


def test_what_needs_a_restart_gets_one_and_all_is_in_force(
    release: Release, namespace: Namespace
) -> None:
    running = pod(namespace)
    more = {"extraEnv": {"GREETING": "hello"}}
    upgraded = values("medium")
    upgraded["singleuser"] |= more
    release.upgrade(upgraded)
    assert pod(namespace) != running
    with release.reached() as hub:
        assert "There are: medium." in offered(hub)
        assert "z2jh_values_not_in_force 0.0" in hub.call("GET", "/hub/metrics")[1]
