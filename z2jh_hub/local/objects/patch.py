"""The three kinds of patch: merge (RFC 7386), JSON (RFC 6902) and Kubernetes' strategic merge.

Each returns a new object. A patch that cannot be applied raises StatusError.
"""

from __future__ import annotations

from typing import Any

import jsonpatch

from .status import StatusError, bad_request

Object = dict[str, Any]
Path = tuple[str, ...]

# The key that identifies the elements of a list, by the end of the path of the list
# ("patchMergeKey" in the Kubernetes API). Other lists are replaced.
MERGE_KEYS: dict[Path, str] = {
    ("containers",): "name",
    ("initContainers",): "name",
    ("ephemeralContainers",): "name",
    ("env",): "name",
    ("volumes",): "name",
    ("volumeMounts",): "mountPath",
    ("volumeDevices",): "devicePath",
    ("containers", "ports"): "containerPort",
    ("initContainers", "ports"): "containerPort",
    ("ephemeralContainers", "ports"): "containerPort",
    ("spec", "ports"): "port",
    ("spec", "imagePullSecrets"): "name",
    ("spec", "resourceClaims"): "name",
    ("secrets",): "name",
    ("hostAliases",): "ip",
    ("schedulingGates",): "name",
    ("topologySpreadConstraints",): "topologyKey",
    ("conditions",): "type",
    ("ownerReferences",): "uid",
    ("spec", "taints"): "key",
    ("status", "podIPs"): "ip",
    ("status", "hostIPs"): "ip",
}
# Lists of scalars that are merged as sets.
SETS: frozenset[Path] = frozenset({("finalizers",)})

_PATCH_ERRORS = (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError)
_DELETE_FROM = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"


def merge_key(path: Path) -> str | None:
    """Return the merge key of the list at `path` (without indexes), None if it is replaced."""
    return MERGE_KEYS.get(path[-2:]) or MERGE_KEYS.get(path[-1:])


def merge(original: Any, patch: Any) -> Any:
    """Apply a merge patch: null removes a field, a list replaces a list."""
    if not isinstance(patch, dict):
        return patch
    result = dict(original) if isinstance(original, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


def strategic(original: Object, patch: Object, path: Path = ()) -> Object:
    """Apply a strategic merge patch, including its `$` directives."""
    how = patch.get("$patch", "merge")
    if how == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    if how == "delete":
        return {}
    if how != "merge":
        raise bad_request(f"unknown $patch directive {how!r}: merge, replace or delete")
    result = dict(original)
    for key, value in patch.items():
        if key.startswith(_DELETE_FROM):
            field = key.removeprefix(_DELETE_FROM)
            result[field] = [item for item in result.get(field, []) if item not in value]
        elif key.startswith("$"):
            continue
        elif value is None:
            result.pop(key, None)
        else:
            result[key] = _strategic_value(result.get(key), value, (*path, key))
    for key, value in patch.items():
        if key.startswith(_ORDER) and (field := key.removeprefix(_ORDER)) in result:
            result[field] = _ordered(result[field], value, merge_key((*path, field)))
    if "$retainKeys" in patch:
        result = {key: value for key, value in result.items() if key in patch["$retainKeys"]}
    return result


def _strategic_value(old: Any, new: Any, path: Path) -> Any:
    if isinstance(new, dict):
        return strategic(old if isinstance(old, dict) else {}, new, path)
    if isinstance(new, list):
        old = old if isinstance(old, list) else []
        if key := merge_key(path):
            return _strategic_list(old, new, key, path)
        if path[-1:] in SETS:
            return new + [item for item in old if item not in new]
    return new


def _strategic_list(old: list[Any], new: list[Any], key: str, path: Path) -> list[Any]:
    if any(isinstance(item, dict) and item.get("$patch") == "replace" for item in new):
        return [item for item in new if item.get("$patch") != "replace"]
    result = list(old)
    for item in new:
        if not isinstance(item, dict) or key not in item:
            # like the API server: 500 without a reason
            lacking = f"{'.'.join(path)}: {item} does not contain declared merge key: {key}"
            raise StatusError(500, lacking, "")
        at = next((i for i, old_item in enumerate(result) if old_item.get(key) == item[key]), None)
        if item.get("$patch") == "delete":
            result = [old_item for old_item in result if old_item.get(key) != item[key]]
        elif at is None:
            result.append(strategic({}, item, path))
        else:
            result[at] = strategic(result[at], item, path)
    return result


def _ordered(items: list[Any], order: list[Any], key: str | None) -> list[Any]:
    def identity(item: Any) -> Any:
        return item.get(key) if key and isinstance(item, dict) else item

    wanted = [identity(item) for item in order]
    placed = [item for each in wanted for item in items if identity(item) == each]
    return placed + [item for item in items if identity(item) not in wanted]


def json_patch(original: Any, operations: list[Object]) -> Any:
    """Apply a JSON patch. Raise StatusError 400 if it is malformed, 422 if it does not apply."""
    document = original
    for operation in operations:
        if not isinstance(operation, dict):
            raise bad_request("a JSON patch is a list of operations with `op` and `path`")
        try:
            document = jsonpatch.JsonPatch([operation]).apply(document)
        except jsonpatch.JsonPatchTestFailed:
            failure = f"testing value {operation['path']} failed: test failed"
            raise StatusError(422, failure, details={}) from None
        except _PATCH_ERRORS as error:
            raise StatusError(422, f"JSON patch: {error}", details={}) from None
    return document
