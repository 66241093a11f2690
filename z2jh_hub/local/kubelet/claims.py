"""PVCs as directories: created with the claim, and moved to the trash when it is deleted.

Each claim has a record, from which it is restored after a restart. KubeSpawner does not create a
claim twice, so a claim must exist as long as its directory does.
"""

import asyncio
import contextlib
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..objects.resources import CLAIMS, NAMESPACES, VOLUMES
from ..objects.status import StatusError
from ..objects.store import Store
from ..state import State, read_json, write_json
from .recorder import Recorder

log = logging.getLogger(__name__)

STORAGE_CLASS = "local"
#: metadata in the record of a claim
KEPT = ("name", "namespace", "labels", "annotations", "uid", "creationTimestamp")


class Claims:
    """Creates and removes the directories of the claims in the store.

    Without `directories` claims are only marked as bound (fake mode).
    """

    def __init__(
        self, store: Store, state: State, recorder: Recorder, *, directories: bool = True
    ) -> None:
        self.directories = directories
        self.store = store
        self.state = state
        self.recorder = recorder

    def restore(self) -> None:
        """Create a claim in the store for each existing directory."""
        if not self.directories:
            return
        for folder in sorted(self.state.claims.glob("*/*")):
            if not folder.is_dir():
                continue
            namespace, name = folder.parent.name, folder.name
            claim = read_json(self._record(namespace, name)) or {
                "metadata": {"name": name},
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "resources": {"requests": {"storage": "10Gi"}},
                },
            }
            if self.store.find(NAMESPACES, None, namespace) is None:
                self.store.create(NAMESPACES, None, {"metadata": {"name": namespace}})
            if self.store.find(CLAIMS, namespace, name) is None:
                try:
                    self._bind(self.store.create(CLAIMS, namespace, claim))
                except StatusError:
                    log.exception("Cannot restore the claim of %s; its files are unchanged", folder)

    async def follow(self) -> None:
        """Create and trash directories as claims come and go, until cancelled."""
        async for event in self.store.watch(CLAIMS):
            try:
                if event.type == "DELETED":
                    if self.directories:
                        self._discard(event.obj)
                elif (event.obj.get("status") or {}).get("phase") != "Bound":
                    self._bind(event.obj)
                elif self.directories:
                    self._note(event.obj)
            except (OSError, StatusError) as error:
                log.error("Claim %s: %s", event.obj["metadata"]["name"], error)
                self.recorder.warning(event.obj, "ProvisioningFailed", str(error))
            await asyncio.sleep(0)

    def _bind(self, claim: dict[str, Any]) -> None:
        """Create the directory and the volume of the claim, and mark it as bound."""
        meta, spec = claim["metadata"], claim["spec"]
        capacity = {"storage": spec["resources"]["requests"]["storage"]}
        status = {"phase": "Bound", "accessModes": spec["accessModes"], "capacity": capacity}
        volume = f"pvc-{meta['uid']}"
        if self.directories:
            self._provide(claim, volume, status)

        def bound(stored: dict[str, Any]) -> None:
            stored["spec"].setdefault("volumeName", volume)
            stored["status"] = status

        self.store.modify(CLAIMS, meta["namespace"], meta["name"], bound)

    def _provide(self, claim: dict[str, Any], volume: str, status: dict[str, Any]) -> None:
        meta = claim["metadata"]
        namespace, name = meta["namespace"], meta["name"]
        folder = self.state.claims / namespace / name
        folder.parent.mkdir(exist_ok=True, mode=0o700)
        folder.mkdir(exist_ok=True, mode=0o700)
        self._note(claim)
        if self.store.find(VOLUMES, None, volume) is None:
            self.store.create(VOLUMES, None, _volume(claim, volume, folder, status))
            self.store.modify(VOLUMES, None, volume, _set_bound)
        message = f"Successfully provisioned volume {volume}"
        self.recorder.normal(claim, "ProvisioningSucceeded", message, "z2jh-local")

    def _discard(self, claim: dict[str, Any]) -> None:
        """Move the data to the trash, because users may still need their files."""
        meta = claim["metadata"]
        namespace, name = meta["namespace"], meta["name"]
        if self.store.find(CLAIMS, namespace, name) is not None:
            return  # a new claim has the same name, and uses the directory
        folder = self.state.claims / namespace / name
        if folder.exists():
            target = self._trash(namespace, name)
            folder.rename(target)
            self.recorder.normal(claim, "Trashed", f"Its files are now in {target}", "z2jh-local")
            log.info("Claim %s/%s was deleted; its files are now in %s", namespace, name, target)
        self._record(namespace, name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.parent.rmdir()
        self.store.remove(VOLUMES, None, claim["spec"].get("volumeName") or f"pvc-{meta['uid']}")

    def _note(self, claim: dict[str, Any]) -> None:
        """Write the record of the claim."""
        meta = claim["metadata"]
        metadata = {key: meta[key] for key in KEPT if key in meta}
        record = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata}
        write_json(self._record(meta["namespace"], meta["name"]), record | {"spec": claim["spec"]})

    def _record(self, namespace: str, name: str) -> Path:
        return self.state.claim_records / namespace / f"{name}.json"

    def _trash(self, namespace: str, name: str) -> Path:
        """Return a path in the trash that does not exist yet."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        parent = self.state.trash / namespace
        parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target, count = parent / f"{name}-{stamp}", 1
        while target.exists():
            count += 1
            target = parent / f"{name}-{stamp}-{count}"
        return target


def _volume(
    claim: dict[str, Any], name: str, folder: Path, status: dict[str, Any]
) -> dict[str, Any]:
    meta = claim["metadata"]
    reference = {"kind": "PersistentVolumeClaim", "apiVersion": "v1"}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "capacity": status["capacity"],
            "accessModes": status["accessModes"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": claim["spec"].get("storageClassName") or STORAGE_CLASS,
            "claimRef": reference | {key: meta[key] for key in ("name", "namespace", "uid")},
            "hostPath": {"path": str(folder), "type": "Directory"},
        },
    }


def _set_bound(volume: dict[str, Any]) -> None:
    volume["status"] = {"phase": "Bound"}
