"""Compare a server that has no node with the nodes of the cluster, and look for an autoscaler.

Without further permissions, the hub knows only what its events and the API's discovery reveal. If
`read_nodes` is set, it lists the nodes and reads the status of the cluster autoscaler, so that a
server that no node can hold fails immediately.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from kubernetes_asyncio.client import ApisApi
from kubernetes_asyncio.client.exceptions import ApiException
from traitlets import Bool

from ..failures import AUTOSCALER
from .homes import SafeHomes
from .kubernetes_api import UNREACHABLE, request_json
from .node_capacity import shortfall
from .shared_call import SharedCall
from .start import Start

CHECK = 4.0  # seconds between two checks for one start
SHARED = 20.0  # seconds for which all starts share one list of nodes
STATUS = ("cluster-autoscaler-status", "kube-system")  # a ConfigMap of the cluster autoscaler
# groups of the API that only clusters with an autoscaler have
GROUPS = frozenset({"karpenter.sh", "autoscaling.x-k8s.io", "eks.amazonaws.com"})

_nodes: SharedCall[list[Any]] = SharedCall(SHARED)
_groups: SharedCall[frozenset[str]] = SharedCall(SHARED)
_status: SharedCall[bool] = SharedCall(SHARED)


class ComparesNodes(SafeHomes):
    """A KubeSpawner that knows whether a node can hold its pod, and whether one may be added."""

    read_nodes = Bool(
        False,
        config=True,
        help="List the cluster's nodes, to fail immediately if none can hold the server. The hub "
        "needs the permissions that rbac.hub.readNodes grants.",
    )

    async def _update_facts(self) -> None:
        await super()._update_facts()
        start = self._current_start
        pod = start.own_pod()
        if pod is None or not has_no_node(pod):
            start.node_facts = ()
            return
        now = time.monotonic()
        if now - start.nodes_checked_at < CHECK:
            return
        start.nodes_checked_at = now
        start.has_autoscaler = await self._has_autoscaler(start)
        if self.read_nodes:
            fact = shortfall(pod, await self._list_nodes())
            start.node_facts = (fact,) if fact else ()

    async def _has_autoscaler(self, start: Start) -> bool | None:
        """Return whether the cluster has an autoscaler, or None if that is unknown."""
        reflector = self.event_reflector
        if start.has_autoscaler or (reflector and reports_autoscaler(reflector.resources.values())):
            return True
        try:
            if await _groups.get(self._api_groups) & GROUPS:
                return True
            return await _status.get(self._has_status) if self.read_nodes else None
        except (ApiException, *UNREACHABLE):
            return None

    async def _api_groups(self) -> frozenset[str]:
        call = ApisApi(self.api.api_client).get_api_versions
        answer = await request_json(call, timeout=self.k8s_api_request_timeout)
        return frozenset(group["name"] for group in answer["groups"])

    async def _has_status(self) -> bool:
        try:
            await request_json(
                self.api.read_namespaced_config_map, *STATUS, timeout=self.k8s_api_request_timeout
            )
        except ApiException as error:
            if error.status == 404:
                return False
            raise
        return True

    async def _list_nodes(self) -> list[Any]:
        """Return the nodes, or nothing if Kubernetes does not list them."""
        try:
            return await _nodes.get(self._request_nodes)
        except (ApiException, *UNREACHABLE):
            return []

    async def _request_nodes(self) -> list[Any]:
        answer = await request_json(self.api.list_node, timeout=self.k8s_api_request_timeout)
        nodes: list[Any] = answer["items"]
        return nodes


def has_no_node(pod: Any) -> bool:
    """Return whether the scheduler has reported that no node accepts a pod."""
    return any(
        condition.get("type") == "PodScheduled" and condition.get("status") == "False"
        for condition in (pod.get("status") or {}).get("conditions") or ()
    )


def reports_autoscaler(events: Iterable[Any]) -> bool:
    """Return whether an autoscaler has reported about any pod of the namespace."""
    return any(event.get("reason") in AUTOSCALER for event in events)
