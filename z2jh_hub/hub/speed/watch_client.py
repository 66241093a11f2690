"""Do not make an HTTP client, with all certificates of the system, for each watch.

Replaces `ApiClient` in the client's module of watches. `Watch` uses its client only to turn answers
into models, which KubeSpawner does not request: its requests go through the client that all
spawners share. A hub begins twelve watches a minute, and loads the certificates for each. Here, the
client is made when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .originals import Original

REPLACES = (
    Original("kubernetes_asyncio.watch.watch:Watch", "__init__", "9454d51b72aa"),
    Original("kubernetes_asyncio.watch.watch:Watch", "close", "4d9ecd408a4c"),
    Original("kubernetes_asyncio.watch.watch:Watch", "next", "bddf043c987e"),
    Original("kubernetes_asyncio.watch.watch:Watch", "unmarshal_event", "f02b1a2bfce4"),
)


def install() -> None:
    """Replace the class."""
    watch: Any = import_module("kubernetes_asyncio.watch.watch")
    watch.ApiClient = LateClient


class LateClient:
    """An `ApiClient` that is made when something of it is used, apart from `close`."""

    _client: Any = None

    def __getattr__(self, name: str) -> Any:
        from kubernetes_asyncio.client import ApiClient

        if self._client is None:
            self._client = ApiClient()
        return getattr(self._client, name)

    async def close(self) -> None:
        """Close the client if there is one."""
        if self._client is not None:
            await self._client.close()
