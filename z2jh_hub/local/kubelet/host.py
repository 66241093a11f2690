"""What a container needs from the pod that it belongs to."""

from pathlib import Path
from typing import Any, Protocol

from ..faults import PodFailure
from .context import Context
from .environment import Lookup
from .volumes import Volumes


class Host(Protocol):
    """The pod as its containers see it.

    `folder`: the directory of the pod; `ip`: the address on which its containers listen;
    `over`: no container will be restarted.
    """

    context: Context
    object: dict[str, Any]
    uid: str
    folder: Path
    lookup: Lookup
    volumes: Volumes

    @property
    def ip(self) -> str: ...

    @property
    def over(self) -> bool: ...

    def publish(self) -> None:
        """Write the status of the pod to the API and its record to the disk."""

    def save(self) -> None:
        """Write the record of the pod to the disk."""

    def normal(self, reason: str, message: str, source: str = "kubelet") -> None:
        """Record an event of type Normal."""

    def warning(self, reason: str, message: str, source: str = "kubelet") -> None:
        """Record an event of type Warning."""

    def take_fault(self) -> PodFailure | None:
        """Return the fault that is injected now, if any. Each fault is returned once."""

    async def evict(self) -> None:
        """Kill the containers of the pod as if the node had run out of memory."""
