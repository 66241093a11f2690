"""Provoke every cause of the catalogue: its user reads it on the page and in the API."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from support.clusters import Cluster
from support.hubs import Hub
from support.people import ANYBODY, Person
from troubles import TROUBLES, Trouble

from z2jh_hub.failures.catalogue import CATALOGUE

pytestmark = pytest.mark.slow

WAIT = 3  # seconds: the grace of each cause that has one
AT_ONCE = 8
# tests/spawner/test_rescue.py, tests/spawner/test_another_users_objects.py
OTHERS = {"home-of-another", "home-of-deleted-user", "server-of-another"}
# tests/spawner/test_nodes.py
NODES = {"no-such-device", "request-too-large", "storage-class-missing"}
ELSEWHERE = {"no-home-to-rescue", "home-unknown"} | OTHERS | NODES
KNOWN = {failure.id: failure for failure in CATALOGUE}


def values(silent_port: int) -> dict[str, Any]:
    own = [{"name": "home", "persistentVolumeClaim": {"claimName": "claim-{username}"}}]
    overrides: dict[str, dict[str, Any]] = {
        "plain": {},
        "own-volume": {"volumes": own, "volume_mounts": []},
        "impatient": {"start_timeout": 6},
        "silent": {"port": silent_port, "http_timeout": 2},
    }
    return {
        "hub": {
            "config": ANYBODY,
            "consecutiveFailureLimit": 2,
            "failures": {f.id: {"wait": WAIT} for f in CATALOGUE if f.wait},
        },
        "singleuser": {
            "profileList": [
                {"display_name": slug, "slug": slug, "kubespawner_override": override}
                for slug, override in overrides.items()
            ]
        },
    }


def attempt(hub: Hub, cluster: Cluster, user: str, trouble: Trouble) -> list[dict[str, Any]]:
    """The events that a user sees of a server with this trouble, until its start has ended."""
    hub.api(f"users/{user}", "POST")
    trouble.prepare(cluster, user)
    status, answer = hub.api(f"users/{user}/server", "POST", {"profile": trouble.profile})
    if status >= 400:
        return [{**answer, "failed": True}]
    trouble.meddle(cluster, user)
    return hub.progress(f"{user}/server")


@pytest.mark.timeout(300)
def test_every_cause_is_reported(start_hub: Callable[..., Any], cluster: Cluster) -> None:
    assert TROUBLES.keys() | ELSEWHERE == KNOWN.keys()
    for cause, trouble in TROUBLES.items():
        trouble.make_claims(cluster, cause)
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))  # nobody can listen there
        given = values(taken.getsockname()[1])
        with start_hub(given, KUBECONFIG=str(cluster.kubeconfig)) as hub:
            reported: dict[str, list[dict[str, Any]]] = {}
            for cause, trouble in TROUBLES.items():
                if trouble.refusal:
                    reported[cause] = attempt(hub, cluster, cause, trouble)
                    cluster.heal()
            with ThreadPoolExecutor(AT_ONCE) as threads:
                begun = {
                    cause: threads.submit(attempt, hub, cluster, cause, trouble)
                    for cause, trouble in TROUBLES.items()
                    if not trouble.refusal
                }
                reported |= {cause: each.result() for cause, each in begun.items()}
            pages = {cause: Person(hub, cause).get(f"spawn-pending/{cause}") for cause in reported}
            log = hub.log.read_text()
            assert hub.process.poll() is None

    assert {
        cause: events for cause, events in reported.items() if not events[-1].get("failed")
    } == {}
    last = {cause: events[-1]["message"] for cause, events in reported.items()}
    whole = {cause: f"{KNOWN[cause].user} ({cause})" for cause in reported}
    assert {c: last[c] for c in reported if whole[c] not in last[c]} == {}
    assert {c: pages[c][1] for c in reported if KNOWN[c].user not in pages[c][1]} == {}
    assert {c: pages[c][1] for c in reported if not pages[c][1].count(c)} == {}
    assert [c for c in reported if f"{c}: {KNOWN[c].admin}" not in log] == []
    assert [c for c in reported if KNOWN[c].next not in log] == []
    # a start waits for what can still come, and fails at once for what cannot
    waited = {
        cause: [e.get("waiting", e["message"]) for e in events if e.get("failure") == cause][:1]
        for cause, events in reported.items()
    }
    hopes = {cause: [KNOWN[cause].waiting] for cause in reported if KNOWN[cause].wait}
    assert {cause: waited[cause] for cause in hopes} == hopes
    doomed = reported.keys() - hopes.keys()
    final = {cause: ([], [whole[cause]], [KNOWN[cause].user]) for cause in doomed}
    assert {cause: waited[cause] for cause in doomed if waited[cause] not in final[cause]} == {}
