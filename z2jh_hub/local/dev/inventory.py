"""What is in a state directory: pods and claims, and whose they are."""

from __future__ import annotations

import json
import os
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...config.ownership import SERVER, USER
from ..kubelet.kubelet import left_pods
from ..state import read_json
from . import http
from .layout import Layout


@dataclass(frozen=True)
class PodRow:
    """A user's server. `server` is empty for the default one; times as Kubernetes writes them."""

    name: str
    namespace: str
    user: str
    server: str
    status: str
    address: str
    image: str
    created: str


@dataclass(frozen=True)
class ClaimRow:
    """A home. `size` is the requested size, `used` the size of its files in bytes."""

    name: str
    namespace: str
    user: str
    server: str
    size: str
    used: int
    path: str


@dataclass(frozen=True)
class Inventory:
    """`url` is the address of the hub; None if no `dev` runs."""

    url: str | None
    pods: list[PodRow]
    claims: list[ClaimRow]


def inventory(layout: Layout) -> Inventory:
    """Return what is in the directory. Raises OSError if a `dev` runs whose API does not answer."""
    running = layout.is_taken()
    url = str(layout.owner().get("url") or "") if running else None
    pods = _asked(layout) if running else [pod for pod, _ in left_pods(layout.state.pods)]
    return Inventory(url, [_pod_row(pod) for pod in pods], claims(layout))


def claims(layout: Layout) -> list[ClaimRow]:
    """Return the homes, sorted by namespace and name."""
    folders = sorted(path for path in layout.state.claims.glob("*/*") if path.is_dir())
    return [_claim_row(layout, folder) for folder in folders]


def _asked(layout: Layout) -> list[dict[str, Any]]:
    config = read_json(layout.state.kubeconfig)
    if config is None:
        return []
    server, token = config["clusters"][0]["cluster"]["server"], config["users"][0]["user"]["token"]
    request = urllib.request.Request(
        f"{server}/api/v1/pods", headers={"Authorization": f"Bearer {token}"}
    )
    with http.get(request) as answer:
        items: list[dict[str, Any]] = json.loads(answer.read())["items"]
        return items


def _pod_row(pod: dict[str, Any]) -> PodRow:
    meta, status = pod["metadata"], pod.get("status") or {}
    notes = meta.get("annotations") or {}
    return PodRow(
        name=meta["name"],
        namespace=meta["namespace"],
        user=notes.get(USER, ""),
        server=notes.get(SERVER, ""),
        status=_status(meta, status),
        address=status.get("podIP") or "",
        image=pod["spec"]["containers"][0].get("image") or "",
        created=meta.get("creationTimestamp") or "",
    )


def _status(meta: dict[str, Any], status: dict[str, Any]) -> str:
    if "deletionTimestamp" in meta:
        return "Terminating"
    for container in status.get("containerStatuses") or []:
        for state in (container.get("state") or {}).values():
            if state.get("reason"):
                return str(state["reason"])
        if status.get("phase") == "Running" and not container.get("ready"):
            return "Starting"
    return str(status.get("phase") or "Pending")


def _claim_row(layout: Layout, folder: Path) -> ClaimRow:
    namespace, name = folder.parent.name, folder.name
    record = read_json(layout.state.claim_records / namespace / f"{name}.json") or {}
    notes = (record.get("metadata") or {}).get("annotations") or {}
    requests = ((record.get("spec") or {}).get("resources") or {}).get("requests") or {}
    return ClaimRow(
        name=name,
        namespace=namespace,
        user=notes.get(USER, ""),
        server=notes.get(SERVER, ""),
        size=str(requests.get("storage") or ""),
        used=_used(folder),
        path=str(folder),
    )


def _used(folder: Path) -> int:
    """Return the size of the files below `folder` in bytes, without unreadable ones."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except OSError:
                continue
    return total
