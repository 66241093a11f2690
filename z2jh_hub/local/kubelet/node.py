"""The one node of local mode: this machine."""

import os
import platform
import socket
from typing import Any

from .environment import machine_amount
from .pod_status import HOST_IP, conditions

NODE = "local"
MAX_PODS = 10_000


def node_object() -> dict[str, Any]:
    """A Node, ready, with what this machine has."""
    amount = {
        "cpu": str(os.cpu_count() or 1),
        "memory": f"{int(machine_amount('memory')) // 1024}Ki",
        "pods": str(MAX_PODS),
    }
    arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    system = platform.system().lower()
    labels = {
        "kubernetes.io/hostname": NODE,
        "kubernetes.io/os": system,
        "kubernetes.io/arch": arch,
        "hub.jupyter.org/node-purpose": "user",
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": NODE, "labels": labels},
        "spec": {},
        "status": {
            "allocatable": amount,
            "capacity": amount,
            "addresses": [
                {"type": "InternalIP", "address": HOST_IP},
                {"type": "Hostname", "address": socket.gethostname()},
            ],
            "conditions": conditions(
                [], {"Ready": (True, "KubeletReady", "processes run as pods on this machine")}
            ),
            "nodeInfo": {
                "operatingSystem": system,
                "architecture": arch,
                "kernelVersion": platform.release(),
                "kubeletVersion": "z2jh-local",
                "containerRuntimeVersion": "process://1",
                "osImage": platform.platform(),
            },
        },
    }
