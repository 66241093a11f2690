"""Parse what Kubernetes sends with orjson.

Replaces `json` in the client's watch and in KubeSpawner's reflectors. orjson accepts the same
documents, with the same result. Exceptions are NaN and lone surrogates, which it refuses: Python's
own parser then parses the document, or raises its own error. Integers of more than 64 bits become
floats; the API of Kubernetes has none.
"""

from __future__ import annotations

import json
from importlib import import_module
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

    watch: Any = import_module("kubernetes_asyncio.watch.watch")
    reflector: Any = import_module("kubespawner.reflector")

    def loads(text: str | bytes) -> Any:
        try:
            return orjson.loads(text)
        except ValueError:
            return json.loads(text)

    parser = SimpleNamespace(loads=loads, dumps=json.dumps)
    watch.json = reflector.json = parser
