"""Find where a user's home is, and whether a change makes it unreachable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from posixpath import normpath
from typing import Any

from ...config.key_paths import find
from ...config.quantities import parse
from ...config.values import Values
from ..preview import Objects

# paths in the specification of a claim
SIZE = ("resources", "requests", "storage")
FIXED = {"storageClassName": "storage class", "accessModes": "access mode"}
RESIZE = (
    "existing homes keep their size. To resize one, run `kubectl patch pvc NAME -p "
    '\'{"spec": {"resources": {"requests": {"storage": "SIZE"}}}}\'`; its StorageClass must have '
    "`allowVolumeExpansion: true`. `z2jh homes plan` lists the PVCs"
)


def home_of(rendered: Objects, values: Values) -> dict[str, Any] | None:
    """Return the volume at the home's path in a pod, {volume, subPath}; None if there is none.

    A volume is identified by its source. An `emptyDir` is not a home.
    """
    path = values.get("singleuser.storage.homeMountPath")
    spec = rendered.pod["spec"]
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
    """Describe a home in a few words."""
    if home is None:
        return "not persistent"
    ((kind, source),) = list(home["volume"].items())[:1] or [("volume", {})]
    names = ("claimName", "path", "server", "name", "driver")
    words = [str(source[name]) for name in names if name in source]
    inner = f", in {home['subPath']}" if home["subPath"] else ""
    return f"{kind} {' '.join(words)}{inner}"


def unchanged(old: Sequence[Any], new: Sequence[Any]) -> Iterator[str]:
    """Yield the changes of claims that do not apply to the existing claims of these names."""
    before = {claim["metadata"]["name"]: claim["spec"] for claim in old}
    for claim in new:
        existing = before.get(claim["metadata"]["name"])
        if existing is not None:
            yield from _size_change(existing, claim["spec"])
            yield from _fixed_changes(existing, claim["spec"])


def _size_change(old: Any, new: Any) -> Iterator[str]:
    was, will_be = find(old, SIZE), find(new, SIZE)
    before, after = parse(was), parse(will_be)
    if was == will_be or (before is not None and before == after):
        return
    change = f"the size of homes changes from {was} to {will_be}, for new homes only: "
    if before is not None and after is not None and after < before:
        yield f"{change}existing homes keep their size, because Kubernetes cannot shrink a PVC"
    else:
        yield f"{change}{RESIZE}"


def _fixed_changes(old: Any, new: Any) -> Iterator[str]:
    for part, words in FIXED.items():
        was, will_be = old.get(part), new.get(part)
        if was != will_be:
            yield (
                f"the {words} of homes changes, for new homes only: Kubernetes cannot change it "
                "for a PVC. To move an existing home, copy its files to a new PVC"
            )
