"""What a report says about every release, whether anything is wrong or not."""

from __future__ import annotations

from collections.abc import Iterator

from .causes import is_ready
from .findings import visible
from .headroom import headroom
from .snapshot import Object, Snapshot


def facts(snapshot: Snapshot) -> dict[str, str]:
    """Return {name: text}, in the order to show them."""
    return {name: visible(text) for name, text in _facts(snapshot)}


def _facts(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    yield "release", f"{snapshot.release} in the namespace {snapshot.namespace}"
    charts = {chart for hub in snapshot.component("deployments", "hub") if (chart := _chart(hub))}
    if charts:
        yield "chart", ", ".join(sorted(charts))
    if version := snapshot.version.get("gitVersion"):
        yield "kubernetes", str(version)
    if snapshot.knows("pods"):
        pods = snapshot.user_pods()
        ready = sum(map(is_ready, pods))
        yield "servers", f"{ready} ready, {len(pods) - ready} starting or stopping"
    if room := headroom(snapshot):
        yield (
            "room",
            f"{room.servers} more servers ({room.request} each) on {room.nodes} of "
            f"{len(snapshot.of('nodes'))} nodes",
        )


def _chart(hub: Object) -> str:
    labels = hub["metadata"].get("labels") or {}
    return str(labels.get("helm.sh/chart") or labels.get("chart") or "")
