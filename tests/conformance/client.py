"""Query an API and record its answers, so that two APIs can be compared."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

JSON = "application/json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
SECONDS = 20


@dataclass
class Answer:
    """One answer: the request, the HTTP status, and the body (parsed if it is JSON)."""

    request: str
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        return self.body[key]

    @property
    def version(self) -> str:
        return str(self.body["metadata"]["resourceVersion"])


class Events:
    """The events of an open watch."""

    def __init__(self, api: Api, request: str, response: aiohttp.ClientResponse) -> None:
        self._api, self._request, self._response = api, request, response

    async def take(self, count: int) -> list[Any]:
        """Return the next `count` events, or fewer if the watch ends before."""
        events: list[Any] = []
        async with asyncio.timeout(SECONDS):
            while len(events) < count and (line := await self._response.content.readline()):
                events.append(json.loads(line))
        self._api.answers.append(Answer(self._request, self._response.status, events))
        return events

    async def rest(self) -> list[Any]:
        """Return all events until the server ends the watch."""
        return await self.take(1 << 30)


class Api:
    """A client of one API. `ns` is the namespace of one question; `answers` are all its answers."""

    def __init__(self, session: aiohttp.ClientSession, url: str, ns: str) -> None:
        self.session, self.url, self.ns = session, url, ns
        self.answers: list[Answer] = []

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        kind: str = JSON,
        accept: str = JSON,
        **query: str,
    ) -> Answer:
        """Send a request; a path without a leading `/` is one in this question's namespace."""
        data = body if isinstance(body, str) else None if body is None else json.dumps(body)
        headers = {"Accept": accept} | ({} if data is None else {"Content-Type": kind})
        async with self.session.request(
            method, self._url(path), data=data, headers=headers, params=query
        ) as response:
            raw = await response.text()
            parsed = json.loads(raw) if "json" in response.content_type and raw else raw
            warned = {k: v for k, v in response.headers.items() if k == "Warning"}
            answer = Answer(f"{method} {path}", response.status, parsed, warned)
        self.answers.append(answer)
        return answer

    def _url(self, path: str) -> str:
        space = f"/api/v1/namespaces/{self.ns}/"
        return self.url + (path if path.startswith("/") else space + path)

    async def get(self, path: str, **more: str) -> Answer:
        return await self.call("GET", path, **more)

    async def post(self, path: str, body: Any, **more: str) -> Answer:
        return await self.call("POST", path, body, **more)

    async def put(self, path: str, body: Any, **more: str) -> Answer:
        return await self.call("PUT", path, body, **more)

    async def patch(self, path: str, body: Any, kind: str, **more: str) -> Answer:
        return await self.call("PATCH", path, body, kind=kind, **more)

    async def delete(self, path: str, body: Any = None, **more: str) -> Answer:
        return await self.call("DELETE", path, body, **more)

    @asynccontextmanager
    async def watching(self, path: str, **query: str) -> AsyncIterator[Events]:
        """Keep a watch open inside the block."""
        query = {"watch": "true", **query}
        async with self.session.get(self._url(path), params=query) as response:
            yield Events(self, f"WATCH {path}", response)
            # a graceful end of TLS would outlast the test's event loop
            if response.connection and response.connection.transport:
                response.connection.transport.abort()


def compared(answers: list[Answer], ns: str) -> list[Any]:
    """Return answers without what differs between servers: uids, times, numbers of versions."""
    versions = sorted({int(v) for answer in answers for v in _versions(answer.body)})
    ranks = {str(version): f"version {rank}" for rank, version in enumerate(versions)}
    return [
        [_text(answer.request, ns), answer.status, _plain(answer.body, ranks, ns), answer.headers]
        for answer in answers
    ]


def _versions(body: Any) -> list[str]:
    if isinstance(body, list):
        return [version for item in body for version in _versions(item)]
    if not isinstance(body, dict):
        return []
    own = [body["resourceVersion"]] if str(body.get("resourceVersion", "")).isdigit() else []
    return own + [version for item in body.values() for version in _versions(item)]


# values that differ between servers; only their presence is compared
_OWN = {
    "uid", "creationTimestamp", "deletionTimestamp", "time", "continue", "lastTransitionTime",
    "lastPhaseTransitionTime", "clusterIP", "nodePort",
}  # fmt: skip
# bookkeeping of the real server that the embedded one only has for appliers (see DEVIATIONS)
_LEFT_OUT = {"managedFields", "selfLink"}


def _plain(value: Any, ranks: dict[str, str], ns: str) -> Any:
    if isinstance(value, dict):
        value = _worded(value)
        return {
            key: _own(key, item, ranks) or _plain(item, ranks, ns)
            for key, item in value.items()
            if key not in _LEFT_OUT
        }
    if isinstance(value, list):
        return [_plain(item, ranks, ns) for item in value]
    return _text(value, ns) if isinstance(value, str) else value


_UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RECORD = re.compile(r"in record \(\d+\)")


def _text(text: str, ns: str) -> str:
    """Return prose without uids, versions and the Go structures that a real server prints."""
    text = text.replace(ns, "NS").partition("\n@@")[0]
    return _RECORD.sub("in record (own)", _UID.sub("(uid)", text))


def _worded(value: dict[str, Any]) -> dict[str, Any]:
    """Return an error without the wording of each server."""
    if value.get("kind") != "Status" or value.get("status") != "Failure":
        return value
    details = value.get("details") or {}
    causes = details.get("causes", [])
    if value.get("code") in (400, 406, 415, 500) or (value.get("code") == 422 and not causes):
        value = {**value, "message": "(in the server's own words)"}
    if causes:  # a real server repeats some of them
        once = [cause for i, cause in enumerate(causes) if cause not in causes[:i]]
        value = {**value, "details": {**details, "causes": once}}
    return value


def _own(key: str, value: Any, ranks: dict[str, str]) -> str | None:
    if key == "resourceVersion":
        return ranks.get(str(value), str(value))
    if key == "clusterIPs":
        return "(own)" if value != ["None"] else None
    if key in _OWN and value not in (None, "", "None"):
        return "(own)"
    return None
