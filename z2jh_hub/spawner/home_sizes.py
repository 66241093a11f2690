"""Record the size of each user's home, so that administrators see it without asking Kubernetes.

The size is the capacity of the claim when its server last started, or what it requests while it has
no volume. How much of it is used is not known to Kubernetes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .homes import SafeHomes

STATE = "home_size"


def size_of(claim: Mapping[str, Any]) -> str:
    """Return the size of a claim as a quantity of Kubernetes; empty if there is none."""
    capacity = (claim.get("status") or {}).get("capacity") or {}
    requests = ((claim.get("spec") or {}).get("resources") or {}).get("requests") or {}
    return str(capacity.get("storage") or requests.get("storage") or "")


class RecordedHomeSizes(SafeHomes):
    """A KubeSpawner that records the size of the home in the state of its server."""

    #: a quantity of Kubernetes; empty for a home that is unknown, shared or no claim
    home_size: str = ""

    async def _decide_ownership(self) -> None:
        self.home_size = ""  # the configuration may have changed since the last start
        await super()._decide_ownership()

    async def _read_home(self) -> Any:
        claim = await super()._read_home()
        if claim and not self._home_claimant.objection(claim["metadata"]):
            self._record_size(claim)
        return claim

    def _home_among(self, claims: list[dict[str, Any]]) -> str | None:
        name = super()._home_among(claims)
        for claim in claims:
            if claim["metadata"]["name"] == name:
                self._record_size(claim)
        return name

    def _record_size(self, claim: Mapping[str, Any]) -> None:
        self.home_size = size_of(claim) if self._is_personal else ""

    def get_state(self) -> dict[str, Any]:
        state: dict[str, Any] = super().get_state()
        return {**state, STATE: self.home_size} if self.home_size else state

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.home_size = str(state.get(STATE) or "")
