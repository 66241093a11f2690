"""The memory, CPU and GPUs of a server or of a profile, as users read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..config.quantities import memory_bytes, parse, readable
from .texts import text

UNITS = ("B", "KB", "MB", "GB", "TB")


def of_pod(pod: Mapping[str, Any] | None, texts: Any = None) -> list[str]:
    """Return the amounts that a running server may use: its limits, or else its requests."""
    containers = ((pod or {}).get("spec") or {}).get("containers") or ()
    for container in containers:
        if container["name"] == "notebook":
            resources = container.get("resources") or {}
            amounts = {**(resources.get("requests") or {}), **(resources.get("limits") or {})}
            return _shown(parse(amounts.get("memory")), parse(amounts.get("cpu")), amounts, texts)
    return []


def of_profile(profile: Mapping[str, Any], texts: Any = None) -> list[str]:
    """Return the amounts that a profile itself sets, apart from its options."""
    override = profile.get("kubespawner_override")
    if not isinstance(override, Mapping):
        return []
    memory = override.get("mem_limit") or override.get("mem_guarantee")
    cpu = override.get("cpu_limit") or override.get("cpu_guarantee")
    devices = override.get("extra_resource_limits")
    return _shown(
        memory_bytes(memory), parse(cpu), devices if isinstance(devices, Mapping) else {}, texts
    )


def _shown(memory: Any, cpu: Any, devices: Mapping[str, Any], texts: Any) -> list[str]:
    shown = [text("memory", texts, amount=_memory(float(memory)))] if memory else []
    gpus = sum(parse(each) or 0 for name, each in devices.items() if str(name).endswith("/gpu"))
    for number, one, many in ((cpu, "cpu", "cpus"), (gpus, "gpu", "gpus")):
        if number:
            name = one if number == 1 else many
            shown.append(text(name, texts, amount=f"{round(float(number), 2):g}"))
    return [str(each) for each in shown]


def _memory(number: float) -> str:
    """Return bytes in the units of KubeSpawner, in which 1 GB is 1024**3 bytes."""
    return readable(number, UNITS, 3)
