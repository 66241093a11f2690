"""A small client of the Kubernetes API.

The hub's own client takes 0.7 to 1.7 s of CPU and about 100 MB to import; this takes a third
of that (`docs/decisions/2026-11-25-chores-client.md`).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import aiohttp

from ..config.api_statuses import RETRYABLE
from . import ChoreError
from .cluster import Cluster, find_cluster

log = logging.getLogger(__name__)

TRIES = 5
FIRST_PAUSE = 0.5  # seconds; doubled after each try
TIMEOUT = aiohttp.ClientTimeout(total=30)
PAGE = "500"  # objects per request
JSON = "application/json"
METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


class ApiError(ChoreError):
    """An error response of Kubernetes, with its HTTP `status` and Kubernetes' `reason`."""

    def __init__(self, status: int, reason: str, message: str):
        self.status, self.reason = status, reason
        super().__init__(f"Kubernetes answered {status} {reason}: {message}")


class Kubernetes:
    """A client of this pod's cluster, or that of KUBECONFIG; an asynchronous context manager.

    Raises ApiError for an error response, and ChoreError without a response. Temporary errors are
    retried a few times.
    """

    def __init__(self, cluster: Cluster | None = None):
        self.cluster = cluster or find_cluster()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Kubernetes:
        connector = aiohttp.TCPConnector(ssl=self.cluster.tls or True)
        self._session = aiohttp.ClientSession(connector=connector, timeout=TIMEOUT)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._session is not None
        await self._session.close()

    @property
    def namespace(self) -> str:
        """The namespace of this pod, or of the kubeconfig's context."""
        return self.cluster.namespace

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """Return the object or list at `path`."""
        return _mapping(await self._send("GET", path, query=query))

    async def items(self, path: str, *, metadata_only: bool = False) -> list[dict[str, Any]]:
        """Return all objects of the collection at `path`, which is read in pages.

        With `metadata_only`, Kubernetes sends nothing but their metadata.
        """
        objects: list[dict[str, Any]] = []
        query = {"limit": PAGE}
        while True:
            accept = METADATA if metadata_only else JSON
            page = _mapping(await self._send("GET", path, query=query, accept=accept))
            objects += page.get("items") or []
            more = (page.get("metadata") or {}).get("continue")
            if not more:
                return objects
            query = {"limit": PAGE, "continue": more}

    async def text(self, path: str, **query: str) -> str:
        """Return the text at `path`, such as the log of a pod."""
        return (await self._send("GET", path, query=query, accept="*/*")).decode(errors="replace")

    async def find(self, path: str) -> dict[str, Any] | None:
        """Return the object at `path`; None if it does not exist."""
        try:
            return await self.get(path)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    async def create(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create `body` in the collection at `path`. Raises ApiError 409 if it exists."""
        return _mapping(await self._send("POST", path, body))

    async def replace(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Replace the object at `path`. Raises ApiError 409 if it has changed since it was read."""
        return _mapping(await self._send("PUT", path, body))

    async def patch(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Merge `body` into the object at `path`; a null removes a key."""
        return _mapping(await self._send("PATCH", path, body))

    async def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        accept: str = JSON,
    ) -> bytes:
        pause = FIRST_PAUSE
        for left in reversed(range(TRIES)):
            try:
                return await self._once(method, path, body, query, accept)
            except ApiError as error:
                if error.status not in RETRYABLE or not left:
                    raise
                why = str(error)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                why = f"{type(error).__name__} {error}".strip()
                if not left:
                    raise ChoreError(
                        f"Kubernetes at {self.cluster.url} does not answer: {why}"
                    ) from None
            log.warning("%s; trying again in %s s", why, pause)
            await asyncio.sleep(pause)
            pause *= 2
        raise AssertionError("unreachable")

    async def _once(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        query: Mapping[str, str] | None,
        accept: str,
    ) -> bytes:
        assert self._session is not None, "used outside of `async with`"
        token = await self.cluster.token()
        headers = {"Accept": accept}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if method == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
        async with self._session.request(
            method,
            self.cluster.server + path,
            json=body,
            params=query,
            headers=headers,
        ) as response:
            content = await response.read()
            if response.status >= 400:
                result = _mapping(content)
                reason = result.get("reason") or response.reason or ""
                raise ApiError(response.status, reason, result.get("message") or path)
            return content


def _mapping(content: bytes) -> dict[str, Any]:
    """Return the JSON object in `content`, or {} if it contains anything else."""
    try:
        result = json.loads(content)
    except ValueError:
        return {}
    return result if isinstance(result, dict) else {}
