"""Find what a key that nothing reads was meant to be: a misspelled or a misplaced key."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import takewhile
from typing import Any

from ..chart.schema import Schema, chart_schema
from ..config.errors import Path, Problem
from ..config.key_paths import find
from ..config.suggestions import closest, hint, is_typo, letters

# a class of JupyterHub, or one of its authenticators or spawners
_CLASS = re.compile(r"[A-Z][a-zA-Z]*[a-z][a-zA-Z0-9]*")
_MOST_PLACES = 3
# keys that people expect, with what the chart has instead
_EXPECTED_KEYS = {
    "singleuser.resources": "singleuser.memory and singleuser.cpu; other resources, such as GPUs, "
    "belong under singleuser.extraResource.limits",
    "singleuser.limits": "singleuser.memory.limit and singleuser.cpu.limit",
    "singleuser.imagePullSecrets": "singleuser.image.pullSecrets, or imagePullSecrets at the top "
    "level",
    "singleuser.env": "singleuser.extraEnv",
    "singleuser.environment": "singleuser.extraEnv",
    "singleuser.tolerations": "singleuser.extraTolerations",
    "singleuser.volumes": "singleuser.storage.extraVolumes",
    "singleuser.volumeMounts": "singleuser.storage.extraVolumeMounts",
    "singleuser.extraVolumes": "singleuser.storage.extraVolumes",
    "singleuser.extraVolumeMounts": "singleuser.storage.extraVolumeMounts",
    "singleuser.securityContext": "singleuser.uid, singleuser.fsGid and "
    "singleuser.podSecurityContext",
    "singleuser.command": "singleuser.cmd",
    "singleuser.profiles": "singleuser.profileList",
    "hub.env": "hub.extraEnv",
    "hub.volumes": "hub.extraVolumes",
    "hub.volumeMounts": "hub.extraVolumeMounts",
    "proxy.https.letsencrypt.email": "proxy.https.letsencrypt.contactEmail",
    "proxy.resources": "proxy.chp.resources",
    "proxy.tolerations": "proxy.chp.tolerations",
    "cull.interval": "cull.every",
    "cull.maxage": "cull.maxAge",
    "ingress.className": "ingress.ingressClassName",
    "ingress.path": "hub.baseUrl",
    "ingress.paths": "hub.baseUrl",
}
_RESOURCES = ("singleuser", "extraResource")


def suggest(problem: Problem, data: Mapping[str, Any]) -> Problem:
    """Return `problem`, which is about an unknown key, with a hint that names the right key."""
    path = _path(problem.key, data)
    *above, name = path
    if path[:-1] == _RESOURCES:
        return replace(problem, hint=f"write singleuser.extraResource.limits: {{{name}: …}}")
    expected = _EXPECTED_KEYS.get(".".join(path))
    if expected:
        return replace(problem, hint=f"set {expected} instead")
    near = closest(name, chart_schema().children(tuple(above)))
    if near and (letters(near) == letters(name) or is_typo(name, near)):
        return replace(problem, hint=hint(near, above))
    elsewhere = parents(path, data)
    if elsewhere:
        return replace(
            problem,
            message=_message(name, elsewhere),
            hint=hint(name, elsewhere[0]),
            rule="misplaced-key",
        )
    return replace(problem, hint=hint(near, above))


def _message(name: str, places: list[Path]) -> str:
    parents = " or ".join(f"`{'.'.join(place)}`" for place in places if place)
    if () not in places:
        return f"`{name}` is at the wrong level; it belongs under {parents}"
    top = f"`{name}` is a top-level key"
    return f"{top}, or belongs under {parents}" if parents else f"{top}; move it to the top level"


def _path(key: str, data: Mapping[str, Any]) -> Path:
    """Return the dotted `key` as a path into `data`, whose keys may contain dots."""

    def steps(rest: str, node: Any) -> Path | None:
        if not rest:
            return ()
        if isinstance(node, list):
            head, _, tail = rest.partition(".")
            inner = node[int(head)] if head.isdigit() and int(head) < len(node) else None
            path = steps(tail, inner)
            return None if path is None else (head, *path)
        for name in node if isinstance(node, Mapping) else ():
            if rest == name or rest.startswith(f"{name}."):
                path = steps(rest[len(name) + 1 :], node[name])
                if path is not None:
                    return (name, *path)
        return None

    return steps(key, data) or tuple(key.split("."))


def parents(path: Path, data: Mapping[str, Any]) -> list[Path]:
    """Return the mappings, best first, in which the key at `path` is known with its contents."""
    *above, name = path
    value = find(data, path)
    if _CLASS.fullmatch(name) and isinstance(value, dict):
        return [("hub", "config")]
    places = [
        place
        for place in _parents_by_name().get(name, ())
        if place != tuple(above) and _fits((*place, name), value)
    ]
    if not places:
        return []
    # a mapping left empty is probably the one whose indented block went astray
    emptied = [p for p in places if find(data, p) is None]
    nearest = min(_steps_between(p, tuple(above)) for p in places)
    return (emptied or [p for p in places if _steps_between(p, tuple(above)) == nearest])[
        :_MOST_PLACES
    ]


def _steps_between(one: Path, other: Path) -> int:
    """Return how many levels one has to go up and down from one mapping to another."""
    shared = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return len(one) + len(other) - 2 * sum(1 for _ in shared)


def _fits(path: Path, value: Any) -> bool:
    known = chart_schema().children(path)
    return not isinstance(value, dict) or not known or any(key in known for key in value)


@cache
def _parents_by_name() -> dict[str, list[Path]]:
    """Return every mapping of the schema that has a key, by the key's last name."""
    parents_of: dict[str, list[Path]] = defaultdict(list)

    def walk(schema: Schema, path: Path) -> None:
        for name in schema.children(path):
            parents_of[name].append(path)
            walk(schema, (*path, name))

    walk(chart_schema(), ())
    return parents_of
