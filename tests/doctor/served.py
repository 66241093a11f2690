"""The embedded API in a thread, with the objects of a healthy release."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestServer
from doctor.worlds import NAMESPACE, World

from z2jh_hub.local.api.app import make_app
from z2jh_hub.local.faults import Faults
from z2jh_hub.local.objects import resources
from z2jh_hub.local.objects.store import Store

KINDS = {
    "deployments": resources.DEPLOYMENTS,
    "daemonsets": resources.DAEMON_SETS,
    "statefulsets": resources.STATEFUL_SETS,
    "services": resources.SERVICES,
    "claims": resources.CLAIMS,
    "ingresses": resources.INGRESSES,
    "pods": resources.PODS,
    "events": resources.EVENTS,
    "quotas": resources.RESOURCE_QUOTAS,
    "endpoints": resources.ENDPOINT_SLICES,
    "jobs": resources.JOBS,
    "storageclasses": resources.STORAGE_CLASSES,
    "ingressclasses": resources.INGRESS_CLASSES,
    "nodes": resources.NODES,
    "secrets": resources.SECRETS,
}


class Served:
    """The API, in the `with` block. Requests appear in `calls` as `METHOD path`."""

    def __init__(self, folder: Path, token: str = "a-token"):
        self.store, self.faults, self.token = Store(), Faults(), token
        self.kubeconfig = folder / "kubeconfig"
        self.log = b""
        self.calls: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Served:
        self._thread.start()
        url = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(30)
        named = {
            "clusters": [{"name": "c", "cluster": {"server": url}}],
            "users": [{"name": "u", "user": {"token": self.token}}],
            "contexts": [
                {"name": "x", "context": {"cluster": "c", "user": "u", "namespace": NAMESPACE}}
            ],
            "current-context": "x",
        }
        self.kubeconfig.write_text(json.dumps(named))
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._server.close(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()

    async def _start(self) -> str:
        app = make_app(self.store, runtime=self, faults=self.faults, token=self.token)  # type: ignore[arg-type]

        async def note(request: Any, response: Any) -> None:
            self.calls.append(f"{request.method} {request.path}")

        app.on_response_prepare.append(note)
        self._server = TestServer(app)
        await self._server.start_server()
        return str(self._server.make_url("")).rstrip("/")

    async def logs(self, *_: Any, **__: Any) -> AsyncIterator[bytes]:
        """Return the log of any container."""

        async def pieces() -> AsyncIterator[bytes]:
            yield self.log

        return pieces()

    def hold(self, world: World, namespace: str = NAMESPACE) -> None:
        """Create the objects of a release, with their status."""
        self.store.create(resources.NAMESPACES, None,
                          {"metadata": {"name": namespace, "labels": world.labels}})  # fmt: skip
        for kind, resource in KINDS.items():
            for item in world.objects[kind]:
                where = namespace if resource.namespaced else None
                created = self.store.create(resource, where, item)
                if "status" in item and "status" in resource.subresources:
                    changed = {**created, "status": item["status"]}
                    self.store.update(
                        resource, where, item["metadata"]["name"], changed, subresource="status"
                    )
