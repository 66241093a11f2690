"""The three kinds of patch: merge (RFC 7386), JSON (RFC 6902) and Kubernetes' strategic merge.

None changes what it is given. What a patch may not do is a StatusError.
"""

from __future__ import annotations

from typing import Any

from .status import StatusError, bad_request

Object = dict[str, Any]
Path = tuple[str, ...]

# The key that tells the elements of a list apart, by the end of the list's path
# ("patchMergeKey" in the Kubernetes API); other lists are replaced whole.
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
# Lists of plain values that are merged as sets.
SETS: frozenset[Path] = frozenset({("finalizers",)})

_DELETE_FROM = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"


def merge_key(path: Path) -> str | None:
    """The merge key of the list at `path` (without indexes), None for one replaced whole."""
    return MERGE_KEYS.get(path[-2:]) or MERGE_KEYS.get(path[-1:])


def merge(original: Any, patch: Any) -> Any:
    """A merge patch: null takes a field away, a list replaces a list."""
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
    """A strategic merge patch, its `$` directives included."""
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
            # 500 without a reason, as the API server has it
            lacking = f"{'.'.join(path)}: {item} does not contain declared merge key: {key}"
            raise StatusError(500, lacking, "")
        at = next((i for i, held in enumerate(result) if held.get(key) == item[key]), None)
        if item.get("$patch") == "delete":
            result = [held for held in result if held.get(key) != item[key]]
        elif at is None:
            result.append(strategic({}, item, path))
        else:
            result[at] = strategic(result[at], item, path)
    return result


def _ordered(items: list[Any], order: list[Any], key: str | None) -> list[Any]:
    def mark(item: Any) -> Any:
        return item.get(key) if key and isinstance(item, dict) else item

    wanted = [mark(item) for item in order]
    placed = [item for mark_ in wanted for item in items if mark(item) == mark_]
    return placed + [item for item in items if mark(item) not in wanted]


def json_patch(original: Any, operations: list[Object]) -> Any:
    """A JSON patch. StatusError 422 where an operation does not apply."""
    document: Any = original
    for operation in operations:
        if not isinstance(operation, dict) or not isinstance(operation.get("path"), str):
            raise bad_request("a JSON patch is a list of operations with `op` and `path`")
        document = _operate(document, operation)
    return document


def _operate(document: Any, operation: Object) -> Any:
    op, path = operation.get("op"), _pointer(operation["path"])
    if op in ("add", "replace", "test") and "value" not in operation:
        raise bad_request(f"JSON patch: {op} at {operation['path']} has no value")
    if op == "add":
        return _set(document, path, operation["value"], insert=True)
    if op == "replace":
        _at(document, path)
        return _set(document, path, operation["value"], insert=False)
    if op == "remove":
        _at(document, path)
        return _unset(document, path)
    if op == "test":
        if _at(document, path) != operation["value"]:
            raise _unfit(f"testing value {operation['path']} failed: test failed")
        return document
    if op in ("move", "copy"):
        source = _pointer(operation.get("from", ""))
        value = _at(document, source)
        rest = _unset(document, source) if op == "move" else document
        return _set(rest, path, value, insert=True)
    raise _unfit(f"JSON patch: unknown operation {op!r}")


def _unfit(message: str) -> StatusError:
    return StatusError(422, message, details={})


def _pointer(text: str) -> list[str]:
    if text and not text.startswith("/"):
        raise bad_request(f"JSON patch: {text!r} is not a path")
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _at(document: Any, path: list[str]) -> Any:
    for part in path:
        document = _child(document, part, path)
    return document


def _child(document: Any, part: str, path: list[str]) -> Any:
    try:
        return document[int(part)] if isinstance(document, list) else document[part]
    except (KeyError, IndexError, ValueError, TypeError):
        raise _unfit(f"there is nothing at /{'/'.join(path)}") from None


def _set(document: Any, path: list[str], value: Any, *, insert: bool) -> Any:
    if not path:
        return value
    head, *rest = path
    if rest:
        value = _set(_child(document, head, path), rest, value, insert=insert)
    if isinstance(document, dict):
        return {**document, head: value}
    if not isinstance(document, list):
        raise _unfit(f"there is nothing at /{'/'.join(path)}")
    at = len(document) if head == "-" else int(head) if head.isdigit() else -1
    if not 0 <= at <= len(document):
        raise _unfit(f"index {head} is outside the list")
    after = at + (0 if insert and not rest else 1)
    return [*document[:at], value, *document[after:]]


def _unset(document: Any, path: list[str]) -> Any:
    head, *rest = path
    if rest:
        return _set(document, [head], _unset(_child(document, head, path), rest), insert=False)
    if isinstance(document, list):
        return [item for i, item in enumerate(document) if i != int(head)]
    return {key: value for key, value in document.items() if key != head}
