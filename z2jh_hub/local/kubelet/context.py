"""What all pods share: the store, the machine and the settings."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..faults import PodFailure
from ..objects.resources import CLAIMS, CONFIG_MAPS, SECRETS
from ..objects.store import Store
from ..state import State
from .addresses import Addresses
from .environment import Lookup
from .images import Images
from .limits import Limits
from .recorder import Recorder


@dataclass(frozen=True)
class Timing:
    """Seconds. `backoff`: before the second restart in a row, doubled up to `backoff_limit`;
    `retry`: between tries for something that is missing; `probe`: between looks at a port."""

    backoff: float = 10.0
    backoff_limit: float = 300.0
    retry: float = 2.0
    probe: float = 0.25


@dataclass
class Context:
    """The store, the machine and its settings. `pod_failure`: injected faults, by pod."""

    store: Store
    recorder: Recorder
    state: State
    images: Images
    addresses: Addresses
    limits: Limits
    pod_failure: Callable[[dict[str, Any]], PodFailure | None]
    timing: Timing = field(default_factory=Timing)

    def lookup(self, namespace: str) -> Lookup:
        """Return a function that finds Secrets and ConfigMaps of a namespace, decoded."""

        def find(kind: str, name: str) -> Mapping[str, bytes] | None:
            resource = SECRETS if kind == "secret" else CONFIG_MAPS
            version = self.store.find(resource, namespace, name)
            return decoded(kind, version.obj) if version else None

        return find

    def has_claim(self, namespace: str, name: str) -> bool:
        """Return whether the claim exists and is not being deleted."""
        claim = self.store.find(CLAIMS, namespace, name)
        return claim is not None and "deletionTimestamp" not in claim.obj["metadata"]


def decoded(kind: str, holder: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the data of a Secret or ConfigMap as bytes."""
    binary, data = holder.get("binaryData") or {}, holder.get("data") or {}
    coded = {key: base64.b64decode(value) for key, value in binary.items()}
    if kind == "secret":
        return {key: base64.b64decode(value or "") for key, value in data.items()}
    return coded | {key: value.encode() for key, value in data.items()}
