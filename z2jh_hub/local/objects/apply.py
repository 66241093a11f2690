"""Server-side apply: each manager says what it wants, and owns the fields that it named.

Who owns what is kept as Kubernetes keeps it, in `metadata.managedFields` (FieldsV1), but for
appliers only: a field that came by another kind of write belongs to nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .patch import SETS, merge_key
from .resources import Resource
from .status import StatusError, bad_request, invalid_option, required

Object = dict[str, Any]
# A field: `f:NAME` steps into a mapping, `k:{"name":"c"}` to the element of a list with that key,
# `v:"x"` to the element of a set.
Path = tuple[str, ...]
Owned = set[Path]

# Mappings that one manager owns whole.
ATOMIC = frozenset(
    {"configMapKeyRef", "fieldRef", "involvedObject", "nodeSelector", "resourceFieldRef",
     "secretKeyRef", "selector"}
)  # fmt: skip
# What names the object belongs to nobody.
IDENTITY = ("apiVersion", "kind")
IDENTITY_METADATA = (
    "creationTimestamp", "generation", "managedFields", "name", "namespace", "resourceVersion",
    "selfLink", "uid",
)  # fmt: skip


def manager_required() -> StatusError:
    cause = required("fieldManager", "is required for apply patch")
    return invalid_option("PatchOptions", cause)


def check(config: Any) -> None:
    """Raise StatusError 400 for a configuration without `apiVersion` or `kind`."""
    if not isinstance(config, dict) or not (config.get("apiVersion") and config.get("kind")):
        raise bad_request("an applied configuration must have an apiVersion and a kind")


def applied(
    resource: Resource,
    existing: Object | None,
    config: Object,
    manager: str,
    *,
    force: bool,
    now: str,
    subresource: str,
) -> Object:
    """The object after `manager` applied `config`; `held` is what there is, `now` the time.

    A field that the manager no longer names is removed, unless another manager owns it. Raises
    StatusError 409 if another manager owns a field and has another value; `force` overrides it.
    """
    entries = (existing or {}).get("metadata", {}).get("managedFields", [])
    mine = (manager, "Apply", subresource)
    before = next((_paths(e["fieldsV1"]) for e in entries if _identity(e) == mine), set())
    others = [entry for entry in entries if _identity(entry) != mine]
    wanted = set(owned(config))
    new = _laid(existing or {}, config, ())
    disputed = {
        path
        for path in wanted
        if not path[-1].startswith("k:") and _at(existing or {}, path) != _at(new, path)
    }
    if not force:
        _refuse_conflicts(disputed, others)
    others = [e for e in (_without(entry, disputed) for entry in others) if e["fieldsV1"]]
    theirs: Owned = set().union(*(_paths(entry["fieldsV1"]) for entry in others))
    for path in sorted(before - wanted - theirs, key=len, reverse=True):
        if not any(other[: len(path)] == path for other in theirs):
            new = _taken(new, path)
    entry = {
        "manager": manager,
        "operation": "Apply",
        "apiVersion": resource.api_version,
        "time": now,
        "fieldsType": "FieldsV1",
        "fieldsV1": _tree(wanted),
    } | ({"subresource": subresource} if subresource else {})
    if wanted == before:
        entry = next(e for e in entries if _identity(e) == mine) if before else entry
    managed = [*others, *([entry] if wanted else [])]
    metadata = {**new.get("metadata", {}), "managedFields": managed}
    return {**new, "metadata": metadata}


def owned(config: Object) -> Iterator[Path]:
    """The fields that a configuration names."""
    for key, value in config.items():
        if key == "metadata":
            metadata = {k: v for k, v in value.items() if k not in IDENTITY_METADATA}
            if metadata:
                yield from _fields(metadata, ("f:metadata",), ("metadata",))
        elif key not in IDENTITY:
            yield from _fields(value, (f"f:{key}",), (key,))


def _fields(value: Any, path: Path, names: Path) -> Iterator[Path]:
    if isinstance(value, dict) and value and names[-1] not in ATOMIC:
        for key, item in value.items():
            yield from _fields(item, (*path, f"f:{key}"), (*names, key))
    elif isinstance(value, list) and (key := merge_key(names)):
        for item in value:
            at = (*path, _key_step(item, key))
            yield at
            for name, inner in item.items():
                yield from _fields(inner, (*at, f"f:{name}"), (*names, name))
    elif isinstance(value, list) and names[-1:] in SETS:
        yield from ((*path, f"v:{json.dumps(item)}") for item in value)
    else:
        yield path


def _laid(existing: Any, config: Any, names: Path) -> Any:
    """`held` with what `config` says over it."""
    if isinstance(config, dict) and (not names or names[-1] not in ATOMIC):
        result = dict(existing) if isinstance(existing, dict) else {}
        for key, value in config.items():
            result[key] = _laid(result.get(key), value, (*names, key))
        return result
    if isinstance(config, list) and isinstance(existing, list):
        if key := merge_key(names):
            places = {item.get(key): index for index, item in enumerate(existing)}
            items = list(existing)
            for item in config:
                if (at := places.get(item.get(key))) is None:
                    items.append(item)
                else:
                    items[at] = _laid(existing[at], item, names)
            return items
        if names[-1:] in SETS:
            return existing + [item for item in config if item not in existing]
    return config


def _refuse_conflicts(disputed: Owned, others: list[Object]) -> None:
    conflicts = [
        (entry["manager"], path)
        for entry in others
        for path in sorted(disputed & _paths(entry["fieldsV1"]))
    ]
    if not conflicts:
        return
    causes = [
        {"reason": "FieldManagerConflict", "message": f'conflict with "{who}"', "field": dotted(at)}
        for who, at in conflicts
    ]
    if len(conflicts) == 1:
        who, at = conflicts[0]
        text = f'1 conflict: conflict with "{who}": {dotted(at)}'
    else:
        text = f"{len(conflicts)} conflicts: "
        for who in dict.fromkeys(who for who, _ in conflicts):
            fields = "".join(f"\n- {dotted(at)}" for owner, at in conflicts if owner == who)
            text += f'conflicts with "{who}":{fields}\n'
    raise StatusError(409, f"Apply failed with {text.rstrip()}", details={"causes": causes})


def dotted(path: Path) -> str:
    """A path as messages show it: `.spec.containers[name="c"].image`."""
    shown = ""
    for step in path:
        kind, text = step.split(":", 1)
        if kind == "f":
            shown += f".{text}"
        elif kind == "v":
            shown += f"[={text}]"
        else:
            pairs = (f"{key}={json.dumps(value)}" for key, value in json.loads(text).items())
            shown += f"[{','.join(pairs)}]"
    return shown


def _identity(entry: Object) -> tuple[str, str, str]:
    return entry["manager"], entry["operation"], entry.get("subresource", "")


def _without(entry: Object, lost: Owned) -> Object:
    paths = _paths(entry["fieldsV1"])
    return {**entry, "fieldsV1": _tree(paths - lost)} if paths & lost else entry


def _tree(paths: Owned) -> Object:
    """Paths as FieldsV1; an element that is itself named holds a `.`."""
    tree: Object = {}
    for path in sorted(paths):
        at = tree
        for step in path:
            at = at.setdefault(step, {})
        if path[-1].startswith("k:"):
            at["."] = {}
    return tree


def _paths(tree: Object, path: Path = ()) -> Owned:
    paths: Owned = set()
    for step, inner in tree.items():
        if step == ".":
            paths.add(path)
        elif inner:
            paths |= _paths(inner, (*path, step))
        else:
            paths.add((*path, step))
    return paths


def _key_step(item: Object, key: str) -> str:
    return "k:" + json.dumps({key: item.get(key)}, separators=(",", ":"))


def _index(items: list[Any], step: str) -> int | None:
    kind, text = step.split(":", 1)
    wanted = json.loads(text)
    for index, item in enumerate(items):
        same = wanted.items() <= item.items() if kind == "k" else item == wanted
        if same:
            return index
    return None


def _at(obj: Any, path: Path) -> Any:
    """What is at a path; None for nothing."""
    for step in path:
        if isinstance(obj, dict):
            obj = obj.get(step.removeprefix("f:"))
        elif isinstance(obj, list) and (at := _index(obj, step)) is not None:
            obj = obj[at]
        else:
            return None
    return obj


def _taken(obj: Any, path: Path) -> Any:
    """`obj` without what is at a path, and without what that leaves empty."""
    step, *rest = path
    if isinstance(obj, dict):
        key = step.removeprefix("f:")
        left = _taken(obj[key], tuple(rest)) if rest and key in obj else None
        if left in (None, {}, []):
            return {name: value for name, value in obj.items() if name != key}
        return {**obj, key: left}
    at = _index(obj, step) if isinstance(obj, list) else None
    if at is None:
        return obj
    inner = [_taken(obj[at], tuple(rest))] if rest else []
    return [*obj[:at], *inner, *obj[at + 1 :]]
