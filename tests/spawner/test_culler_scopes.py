"""The real idle culler does its work with the scopes of its role, and what it cannot do without.

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


def values(**more: Any) -> dict[str, Any]:
    return {"cull": {"enabled": True, "timeout": 1, "every": 1}, **more}


def environ(cluster: Cluster) -> dict[str, str]:
    """With the Python of these tests as `python3`, which has the culler."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"KUBECONFIG": str(cluster.kubeconfig), "PATH": path}


def rounds(hub: Hub) -> int:
    """How often the culler has asked for users."""
    return len(re.findall(rf" GET /hub/api/users\?.*{NAME}@", hub.log.read_text()))


def test_the_culler_stops_an_idle_server(start_hub: Callable[..., Any], cluster: Cluster) -> None:
    with start_hub(values(), **environ(cluster)) as hub:
        begin(hub, ("ada",))
        wait_until(lambda: not ready(hub), hub.process, hub.log)
        assert rounds(hub)


@pytest.mark.parametrize("scope", sorted({*SCOPES} - {"read:users:activity"}))
def test_without_a_scope_it_stops_none(
    start_hub: Callable[..., Any], cluster: Cluster, scope: str
) -> None:
    snippet = WITHOUT.format(name=NAME, scope=scope)
    given = values(hub={"extraConfig": {"less": snippet}})
    with start_hub(given, **environ(cluster)) as hub:
        begin(hub, ("ada",))
        looked = rounds(hub)
        wait_until(lambda: rounds(hub) > looked + 3, hub.process, hub.log)
        assert ready(hub) == {"ada"}
