"""Parse what Kubernetes sends with orjson.

Replaces `json` in the client's watch and in KubeSpawner's reflectors. orjson accepts the same
documents, with the same result, except for NaN and lone surrogates, which it refuses (such documents
are parsed by Python's own parser, which also raises its own errors), and for integers that need
more than 64 bits, which the API of Kubernetes does not have.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from .originals import Original

REPLACES = (
    Original("kubernetes_asyncio.watch.watch:Watch", "unmarshal_event", "f02b1a2bfce4"),
    Original("kubespawner.reflector:ResourceReflector", "_list_and_update", "ffb2323ad0c1"),
)


def install() -> None:
    """Have watches and lists parsed by orjson. Raises ImportError without it."""
    import orjson
    from kubernetes_asyncio.watch import watch
    from kubespawner import reflector

    def loads(text: str | bytes) -> Any:
        try:
            return orjson.loads(text)
        except ValueError:
            return json.loads(text)

    parser = SimpleNamespace(loads=loads, dumps=json.dumps)
    watch.json = reflector.json = parser
