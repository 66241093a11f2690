"""Keeps what the API holds on disk, so that a server that was killed goes on where it was.

Pods and claims have records of their own (`pods/`, `claims.json/`), events and nodes are not kept.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any

from .objects.resources import CLAIMS, EVENTS, NAMESPACES, NODES, PODS, STORED, VOLUMES
from .objects.store import Store
from .state import State, read_json, write_json

KEPT = [kind for kind in STORED if kind not in (PODS, CLAIMS, VOLUMES, EVENTS, NODES)]
KEPT_KINDS = {(kind.api_version, kind.kind) for kind in KEPT}
PAUSE = 0.2  # seconds in which changes are gathered for one write


def restore(store: Store, state: State, pods: Iterable[dict[str, Any]]) -> None:
    """Fill the store with what was kept, and with these pods; nothing when there is neither."""
    saved = read_json(state.objects)
    pods = list(pods)
    if saved is None and not pods:
        return
    saved = saved or store.snapshot()
    store.restore({"version": saved["version"], "objects": saved["objects"] + pods})
    for namespace in {pod["metadata"]["namespace"] for pod in pods}:
        if store.find(NAMESPACES, None, namespace) is None:
            store.create(NAMESPACES, None, {"metadata": {"name": namespace}})


def save(store: Store, state: State) -> None:
    """Write what is kept, whole or not at all."""
    whole = store.snapshot()
    objects = [
        each for each in whole["objects"] if (each["apiVersion"], each["kind"]) in KEPT_KINDS
    ]
    write_json(state.objects, {"version": whole["version"], "objects": objects})


async def keep(store: Store, state: State) -> None:
    """Go on for ever: write soon after each change."""
    changed = asyncio.Event()

    async def notice(kind: Any) -> None:
        async for _ in store.watch(kind, since=store.version):
            changed.set()

    watches = [asyncio.create_task(notice(kind)) for kind in KEPT]
    try:
        # at once: versions that clients now see must not be given out again after another restart
        changed.set()
        while True:
            await changed.wait()
            changed.clear()
            save(store, state)
            await asyncio.sleep(PAUSE)
    finally:
        for watch in watches:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch
        save(store, state)
