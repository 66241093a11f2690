"""The environment variables of a container.

Only the variables in `INHERITED` come from the environment of this process, which may hold
secrets. Rules: "Define Environment Variables for a Container" and "Dependent
Environment Variables" of the Kubernetes documentation.
"""

import math
import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...config.quantities import quantity

INHERITED = ("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "USER", "LOGNAME", "SHELL")

Json = Mapping[str, Any]
#: (kind "secret" or "configMap", name) → its data decoded, or None when there is none
Lookup = Callable[[str, str], Mapping[str, bytes] | None]


class ConfigMissing(Exception):
    """A Secret, ConfigMap or key does not exist. The text is for an event."""


def base_environment() -> dict[str, str]:
    """Return the variables that every container inherits from this machine."""
    env = {name: os.environ[name] for name in INHERITED if name in os.environ}
    env["PATH"] = search_path()
    return env


def search_path(extra: str = "") -> str:
    """Return the PATH of containers, with the environment of this Python first."""
    own = str(Path(sys.executable).parent)
    parts = [own, *extra.split(":"), *os.environ.get("PATH", os.defpath).split(":")]
    return ":".join(dict.fromkeys(part for part in parts if part))


def container_environment(container: Json, pod: Json, lookup: Lookup) -> dict[str, str]:
    """Return the variables of `envFrom`, then `env` in order, with `$(NAME)` expanded.

    Raises ConfigMissing if a Secret, ConfigMap or key that is not optional is absent.
    """
    env: dict[str, str] = {}
    for source in container.get("envFrom") or []:
        env.update(_whole(source, lookup))
    for variable in container.get("env") or []:
        if variable.get("valueFrom"):
            value = _referenced(variable["valueFrom"], container, pod, lookup)
            if value is None:
                continue
        else:
            value = expand(variable.get("value") or "", env)
        env[variable["name"]] = value
    return env


def expand(text: str, env: Mapping[str, str]) -> str:
    """Replace each known `$(NAME)` by its value, and `$$` by `$`."""

    def one(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        return env.get(match[1], match[0])

    return re.sub(r"\$\$|\$\(([^()]*)\)", one, text)


def _whole(source: Json, lookup: Lookup) -> dict[str, str]:
    for field, kind in (("configMapRef", "configMap"), ("secretRef", "secret")):
        reference = source.get(field)
        if reference:
            data = lookup(kind, reference["name"])
            if data is None and not reference.get("optional"):
                raise ConfigMissing(f'{kind.lower()} "{reference["name"]}" not found')
            prefix = source.get("prefix") or ""
            return {prefix + key: value.decode() for key, value in (data or {}).items()}
    return {}


def _referenced(source: Json, container: Json, pod: Json, lookup: Lookup) -> str | None:
    if "fieldRef" in source:
        return field(pod, source["fieldRef"]["fieldPath"])
    if "resourceFieldRef" in source:
        return _resource(source["resourceFieldRef"], container, pod)
    for name, kind in (("secretKeyRef", "secret"), ("configMapKeyRef", "configMap")):
        if name in source:
            return _key(kind, source[name], lookup)
    raise ConfigMissing(f"valueFrom with {', '.join(source)} is not supported")


def _key(kind: str, reference: Json, lookup: Lookup) -> str | None:
    name, key = reference["name"], reference["key"]
    data = lookup(kind, name)
    if data is not None and key in data:
        return data[key].decode()
    if reference.get("optional"):
        return None
    if data is None:
        raise ConfigMissing(f'{kind.lower()} "{name}" not found')
    raise ConfigMissing(f"couldn't find key {key} in {kind} {name}")


def field(pod: Json, path: str) -> str:
    """Return the field of a pod at a path of the downward API, such as `metadata.labels['x']`.

    Raises ConfigMissing for a path that the downward API does not have.
    """
    subscript = re.fullmatch(r"metadata\.(labels|annotations)\['(.+)'\]", path)
    if subscript:
        return str((pod["metadata"].get(subscript[1]) or {}).get(subscript[2], ""))
    if path in ("metadata.labels", "metadata.annotations"):
        entries = pod["metadata"].get(path.rpartition(".")[2]) or {}
        return "\n".join(f'{key}="{value}"' for key, value in sorted(entries.items()))
    if path == "status.podIPs":
        path = "status.podIP"
    part, _, name = path.partition(".")
    if part not in ("metadata", "spec", "status") or "." in name:
        raise ConfigMissing(f"fieldRef {path} is not one of the downward API")
    default = "default" if name == "serviceAccountName" else ""
    return str((pod.get(part) or {}).get(name) or default)


def _resource(reference: Json, container: Json, pod: Json) -> str:
    name = reference.get("containerName")
    if name:
        container = next(c for c in pod["spec"]["containers"] if c["name"] == name)
    kind, _, resource = reference["resource"].partition(".")
    resources = container.get("resources") or {}
    amount = (resources.get(kind) or {}).get(resource)
    if amount is None:
        amount = machine_amount(resource)
    divisor = quantity(reference.get("divisor") or 1) or 1
    return str(math.ceil(quantity(amount) / divisor))


def machine_amount(resource: str) -> float:
    """Return the `memory` (bytes) or `cpu` (cores) of this machine."""
    if resource == "memory":
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return float(os.cpu_count() or 1) if resource == "cpu" else 0.0
