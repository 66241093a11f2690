"""Record why a server stopped, so that the hub's pages can tell its user.

The reason is part of the server's state in the database, where it outlives the server and a restart
of the hub. It is the person or service that requested the stop, or else what Kubernetes reports
about the pod.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from .rescue import RescueServers

STATE = "last_stop"

# what Kubernetes reports about a pod: the reason of a container, condition, event or the pod
REASONS = {
    "OOMKilled": "memory",
    "Evicted": "evicted",
    "EvictionByEvictionAPI": "evicted",
    "TerminationByKubelet": "evicted",
    "Preempting": "preempted",
    "PreemptionByScheduler": "preempted",
    "Preempted": "preempted",
    "DeletionByTaintManager": "node-lost",
    "DeletionByPodGC": "node-lost",
    "TaintManagerEviction": "node-lost",
    "NodeNotReady": "node-lost",
    "NodeLost": "node-lost",
    "NodeShutdown": "node-lost",
    "Shutdown": "node-lost",
    "Terminated": "node-lost",
}


def reason_of(pod: Mapping[str, Any] | None, events: Iterable[Mapping[str, Any]]) -> str:
    """Return why a pod ended, as a reason of `REASONS`, `ended`, `crashed` or `deleted`."""
    status = (pod or {}).get("status") or {}
    ended = _terminated(status)
    conditions = [each for each in status.get("conditions") or () if each.get("status") == "True"]
    candidates = [
        ended.get("reason"),
        *(each.get("reason") for each in conditions if each.get("type") == "DisruptionTarget"),
        status.get("reason"),
        *(each.get("reason") for each in reversed(list(events))),
    ]
    for candidate in candidates:
        if candidate in REASONS:
            return REASONS[candidate]
    if not ended:
        return "deleted"
    return "crashed" if ended.get("exitCode") else "ended"


def _terminated(status: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return how the container of the server ended; empty if it did not."""
    for container in status.get("containerStatuses") or ():
        if container["name"] == "notebook":
            for state in ("state", "lastState"):
                if ended := (container.get(state) or {}).get("terminated"):
                    return dict(ended)
    return {}


class RecordedStops(RescueServers):
    """A KubeSpawner that records why its servers stop."""

    #: who or what requested the stop that is under way: `reason`, and what else its message needs
    stop_request: Mapping[str, Any] | None = None
    #: `reason`, `at` and what else its message needs, and the profile of the server that stopped
    last_stop: Mapping[str, Any] | None = None
    _last_pod: Mapping[str, Any] | None = None
    _ended: str = ""

    async def poll(self) -> Any:
        """Return KubeSpawner's exit status; record why a pod ended, before it is deleted."""
        self._remember_pod()
        status = await super().poll()
        self._remember_pod()
        if status is not None and self.server and not self._ended:
            self._ended = reason_of(self._last_pod, self._events_of_last_pod())
        return status

    async def _follow(self, starting: asyncio.Future[Any]) -> Any:
        url = await super()._follow(starting)
        self._remember_pod()
        return url

    def _remember_pod(self) -> None:
        """Keep the last state of this server's pod, also of one that was deleted meanwhile."""
        pod = self._current_pod()
        if pod is None and self._last_pod is not None:
            gone = getattr(self.pod_reflector, "gone", {})
            pod = gone.get(self._last_pod["metadata"]["uid"])
        self._last_pod = pod or self._last_pod

    def _events_of_last_pod(self) -> list[Any]:
        uid = ((self._last_pod or {}).get("metadata") or {}).get("uid")
        if self.event_reflector is None or uid is None:
            return []
        return [each for each in self.events if each["involvedObject"].get("uid") == uid]

    def run_post_stop_hook(self) -> Any:
        """Record the stop; then run the administrator's hook."""
        if self._spawn_future is None or self._spawn_future.done():
            self._record_stop()  # and not a failed start
        self.stop_request, self._ended, self._last_pod = None, "", None
        return super().run_post_stop_hook()

    def _record_stop(self) -> None:
        request = self.stop_request or {"reason": self._ended or "hub"}
        self.last_stop = {
            **request,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "profile": self.profile_slug,
            "profile_name": self.profile_name(self.profile_slug),
            "files": self._keeps_files(),
        }

    def _keeps_files(self) -> bool:
        """Return whether the user's files outlive the server."""
        home = self._home_mount()
        return home is not None and any(
            isinstance(each, dict) and each.get("name") == home["name"] and "emptyDir" not in each
            for each in self._sorted_dict_values(self.volumes)
        )

    def get_state(self) -> dict[str, Any]:
        state: dict[str, Any] = super().get_state()
        return {**state, STATE: dict(self.last_stop)} if self.last_stop else state

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.last_stop = state.get(STATE)
