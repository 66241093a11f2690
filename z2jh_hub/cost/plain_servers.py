"""Read what user servers request from the values alone, without Python code of the deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..config import configuration
from ..config.quantities import memory_bytes, parse
from ..config.values import Values

Amounts = dict[str, float]

# resource: the traits of KubeSpawner that reserve it and that limit it
TRAITS = {"memory": ("mem_guarantee", "mem_limit"), "cpu": ("cpu_guarantee", "cpu_limit")}
EXTRA = ("extra_resource_guarantees", "extra_resource_limits")


def of_values(
    values: Values, profile: Mapping[str, Any], options: Mapping[str, str]
) -> tuple[Amounts, Amounts, list[float]]:
    """Return the requests and limits of a server, and the sizes of its homes."""
    traits = dict(configuration.plain(values)[0].KubeSpawner)
    for override in _overrides(profile, options):
        traits |= override
    needs: Amounts = {}
    limits: Amounts = {}
    for resource, names in TRAITS.items():
        reserved, most = (_amount(traits.get(name)) for name in names)
        # Kubernetes requests the limit if nothing is requested
        needs[resource], limits[resource] = reserved or most, most
    # a limit on a device is also its request
    for trait in reversed(EXTRA):
        extra = traits.get(trait)
        needs |= {
            str(name): amount(text)
            for name, text in (extra.items() if isinstance(extra, Mapping) else ())
        }
    homes = [_amount(traits.get("storage_capacity"))] if traits.get("storage_pvc_ensure") else []
    return needs, {name: most for name, most in limits.items() if most}, homes


def _overrides(profile: Mapping[str, Any], options: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Return the overrides of a profile and of the choices in it, in KubeSpawner's order."""
    parts: list[Any] = [profile]
    available = profile.get("profile_options")
    for name, option in available.items() if isinstance(available, Mapping) else ():
        choices = option.get("choices") if isinstance(option, Mapping) else None
        if not isinstance(choices, Mapping):
            continue
        default = next(
            (each for each in choices.values() if isinstance(each, dict) and each.get("default")),
            None,
        )
        parts.append(choices.get(options.get(name)) or default)
    overrides = [p.get("kubespawner_override") for p in parts if isinstance(p, Mapping)]
    return [override for override in overrides if isinstance(override, Mapping)]


def _amount(value: Any) -> float:
    """Return a number of cores or bytes in either grammar; 0 for a callable."""
    in_spawner = memory_bytes(value)
    return amount(value) if in_spawner is None else in_spawner


def amount(quantity: Any) -> float:
    """Return a Kubernetes quantity as a number; 0 if it is invalid."""
    return float(parse(quantity) or 0)
