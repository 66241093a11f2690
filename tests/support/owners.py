"""Homes and pods with owners, and servers of users with unusual names."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from z2jh_hub.config.ownership import SERVER, USER

from .clusters import Cluster
from .hubs import Hub, wait_until


def claim(name: str, user: str = "", server: str = "", **labels: str) -> dict[str, Any]:
    annotations = ({USER: user} if user else {}) | ({SERVER: server} if server else {})
    return {
        "metadata": {"name": name, "annotations": annotations, "labels": labels},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }


def make_claim(cluster: Cluster, *args: str, **labels: str) -> None:
    cluster.call("POST", "persistentvolumeclaims", claim(*args, **labels))


def make_pod(cluster: Cluster, name: str, user: str, **labels: str) -> str:
    """Create a pod as KubeSpawner does; return its uid."""
    body = {
        "metadata": {
            "name": name,
            "annotations": {USER: user},
            "labels": {"component": "singleuser-server", **labels},
        },
        "spec": {"containers": [{"name": "notebook", "image": "x"}]},
    }
    created = cluster.call("POST", "pods", body)
    return str(created["metadata"]["uid"])


def start(hub: Hub, user: str, server: str = "", options: Any = None) -> str:
    """Start a server; return "" once it is ready, or the last message that its user sees."""
    path = f"users/{quoted(user)}"
    hub.api(path, "POST")
    place = f"{path}/servers/{server}" if server else f"{path}/server"
    status, answer = hub.api(place, "POST", options)
    if status >= 400:
        return str(answer["message"])
    ready = servers_of(hub, user).get(server, {}).get("ready")
    if status == 201 and ready:
        return ""
    last = hub.progress(f"{quoted(user)}/servers/{server}" if server else f"{quoted(user)}/server")
    return "" if last[-1].get("ready") else str(last[-1]["message"])


def stop(hub: Hub, user: str, server: str = "") -> None:
    path = f"users/{quoted(user)}"
    hub.api(f"{path}/servers/{server}" if server else f"{path}/server", "DELETE")
    wait_until(lambda: server not in servers_of(hub, user), hub.process, hub.log)


def delete(hub: Hub, user: str) -> None:
    assert hub.api(f"users/{quoted(user)}", "DELETE")[0] == 204


def servers_of(hub: Hub, user: str) -> dict[str, Any]:
    servers: dict[str, Any] = hub.api(f"users/{quoted(user)}")[1].get("servers", {})
    return servers


def quoted(user: str) -> str:
    return quote(user, safe="")


def mounted(cluster: Cluster, pod: str) -> list[str]:
    volumes = cluster.get(f"pods/{pod}")["spec"]["volumes"]
    claims = [each.get("persistentVolumeClaim") for each in volumes]
    return [each["claimName"] for each in claims if each]


def owner(cluster: Cluster, path: str) -> str:
    return str(cluster.get(path)["metadata"]["annotations"].get(USER))
