"""The idle culler does its work with the scopes of its role, in the hub and as a process.

It is also known what the process cannot do without; inside, it needs to stop servers only.

`read:users:activity`, which its authors list too, proves unneeded: a server tells its own activity.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.clusters import Cluster
from support.hubs import Hub, wait_until
from support.servers import begin, ready

from z2jh_hub.config.sections.cull import NAME, SCOPES

pytestmark = pytest.mark.slow

WITHOUT = """
for role in c.JupyterHub.load_roles:
    if role["name"] == {name!r}:
        role["scopes"].remove({scope!r})
"""


def values(inside: bool, **hub: Any) -> dict[str, Any]:
    return {
        "cull": {"enabled": True, "timeout": 1, "every": 1},
        "hub": {"speed": {"culler": inside}, **hub},
    }


def environ(cluster: Cluster) -> dict[str, str]:
    """With the Python of these tests as `python3`, which has the culler."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"KUBECONFIG": str(cluster.kubeconfig), "PATH": path}


def rounds(hub: Hub) -> int:
    """How often the culler has asked for users."""
    return len(re.findall(rf" GET /hub/api/users\?.*{NAME}@", hub.log.read_text()))


@pytest.mark.parametrize("inside", [True, False], ids=["inside", "process"])
def test_the_culler_stops_an_idle_server(
    start_hub: Callable[..., Any], cluster: Cluster, inside: bool
) -> None:
    with start_hub(values(inside), **environ(cluster)) as hub:
        begin(hub, ("ada",))
        wait_until(lambda: not ready(hub), hub.process, hub.log)
        assert bool(rounds(hub)) is not inside
        assert "runs inside the hub" in hub.log.read_text() or not inside


def test_inside_it_stops_none_without_the_scope(
    start_hub: Callable[..., Any], cluster: Cluster
) -> None:
    snippet = WITHOUT.format(name=NAME, scope="delete:servers")
    with start_hub(values(True, extraConfig={"less": snippet}), **environ(cluster)) as hub:
        begin(hub, ("ada",))
        refused = "Culling failed, and is tried again"
        wait_until(lambda: hub.log.read_text().count(refused) > 2, hub.process, hub.log)
        assert ready(hub) == {"ada"}


@pytest.mark.parametrize("scope", sorted({*SCOPES} - {"read:users:activity"}))
def test_without_a_scope_it_stops_none(
    start_hub: Callable[..., Any], cluster: Cluster, scope: str
) -> None:
    snippet = WITHOUT.format(name=NAME, scope=scope)
    with start_hub(values(False, extraConfig={"less": snippet}), **environ(cluster)) as hub:
        begin(hub, ("ada",))
        looked = rounds(hub)
        wait_until(lambda: rounds(hub) > looked + 3, hub.process, hub.log)
        assert ready(hub) == {"ada"}
