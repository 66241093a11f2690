"""Report why a home's claim has no volume, while its pod waits for a node.

The scheduler reports nothing while it waits for a provisioner, and no event of the pod has the
provisioner's error. It is in the events of the claim.
"""

from __future__ import annotations

import time
from typing import Any

from kubernetes_asyncio.client.exceptions import ApiException

from ..failures import Diagnosis, Fact
from .kubernetes_api import UNREACHABLE, request_json
from .start import Start

CHECK = 4.0  # seconds between two requests about a claim that has no volume


class PendingClaim:
    """The claim of the home of one server, as its namespace's API shows it."""

    def __init__(self, api: Any, namespace: str, name: str, timeout: float) -> None:
        self.api, self.namespace, self.name, self.timeout = api, namespace, name, timeout

    async def update(self, start: Start) -> None:
        """Record the facts about the claim in `start`, if they may be what the pod waits for."""
        now, pod, held_up_by = time.monotonic(), start.current_pod(), start.held_up_by()
        has_no_node = pod is not None and not pod["spec"].get("nodeName")
        if not has_no_node or (held_up_by and not _is_about_home(held_up_by)):
            start.claim_facts = ()
        elif not held_up_by and not start.claim_checked_at:
            start.claim_checked_at = now  # most pods get a node before the first request
        elif now - start.claim_checked_at >= CHECK:
            start.claim_checked_at = now
            start.claim_facts = await self._facts()

    async def _facts(self) -> tuple[Fact, ...]:
        """Return the events of the claim as facts; none once it has a volume."""
        selector = f"involvedObject.kind=PersistentVolumeClaim,involvedObject.name={self.name}"
        try:
            claim = await request_json(
                self.api.read_namespaced_persistent_volume_claim,
                self.name,
                self.namespace,
                timeout=self.timeout,
            )
            if claim["status"].get("phase") != "Pending":
                return ()
            events = await request_json(
                self.api.list_namespaced_event,
                self.namespace,
                timeout=self.timeout,
                field_selector=selector,
            )
        except (ApiException, *UNREACHABLE):
            return ()
        return tuple(
            Fact("home", event.get("reason") or "", event.get("message") or "")
            for event in events["items"]
        )


def _is_about_home(cause: Diagnosis) -> bool:
    return cause.fact.place == "home" or cause.failure.id.startswith("home-")
