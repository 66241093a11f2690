"""Where a user's home is, and whether it is still reached."""

from __future__ import annotations

from collections.abc import Mapping
from posixpath import normpath
from typing import Any

from ...config.values import Values
from ..preview import Objects


def home_of(found: Objects, values: Values) -> dict[str, Any] | None:
    """Return the volume at the home's path in a pod, {volume, subPath}; None if there is none.

    A volume is identified by its source. An `emptyDir` is not a home.
    """
    path = values.get("singleuser.storage.homeMountPath")
    spec = found.pod["spec"]
    volumes = {volume["name"]: volume for volume in spec.get("volumes", [])}
    # the first container is the user's server
    for mount in spec["containers"][0].get("volumeMounts", []):
        if isinstance(path, str) and normpath(mount["mountPath"]) == normpath(path):
            source = {k: v for k, v in volumes.get(mount["name"], {}).items() if k != "name"}
            if "emptyDir" in source:
                return None
            return {"volume": source, "subPath": mount.get("subPath", "")}
    return None


def described(home: Mapping[str, Any] | None) -> str:
    """A home in a few words."""
    if home is None:
        return "no home that lasts"
    ((kind, source),) = list(home["volume"].items())[:1] or [("volume", {})]
    names = ("claimName", "path", "server", "name", "driver")
    words = [str(source[name]) for name in names if name in source]
    inner = f", in {home['subPath']}" if home["subPath"] else ""
    return f"{kind} {' '.join(words)}{inner}"
