"""Save the objects of the API to disk, so that a server continues where a killed one stopped.

Pods and claims have their own records (`pods/`, `claims.json/`). Events and nodes are not saved.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any

from .objects.resources import CLAIMS, EVENTS, NAMESPACES, NODES, PODS, STORED, VOLUMES
from .objects.store import Store
from .state import State, read_json, write_json

SAVED = [kind for kind in STORED if kind not in (PODS, CLAIMS, VOLUMES, EVENTS, NODES)]
SAVED_KINDS = {(kind.api_version, kind.kind) for kind in SAVED}
PAUSE = 0.2  # seconds between two writes


def restore(store: Store, state: State, pods: Iterable[dict[str, Any]]) -> None:
    """Restore the saved objects and these pods, if there are any."""
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
    """Write the objects to disk atomically."""
    whole = store.snapshot()
    objects = [
        each for each in whole["objects"] if (each["apiVersion"], each["kind"]) in SAVED_KINDS
    ]
    write_json(state.objects, {"version": whole["version"], "objects": objects})


async def keep(store: Store, state: State) -> None:
    """Save the objects soon after each change, until cancelled."""
    changed = asyncio.Event()

    async def notice(kind: Any) -> None:
        async for _ in store.watch(kind, since=store.version):
            changed.set()

    watches = [asyncio.create_task(notice(kind)) for kind in SAVED]
    try:
        # save at once, so that a restart does not reuse the versions that clients see from now on
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
