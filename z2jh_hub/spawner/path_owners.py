"""Decide which user a directory of a shared volume belongs to.

A home may be a directory whose path contains the user's name: in one claim for all users
(`static.subPath`), on the node (`hostPath`) or on a file server. Such paths collide like the names
of claims, and no annotation names their owner. The server that the hub has known for longer owns a
path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from jupyterhub import orm
from kubespawner import KubeSpawner
from kubespawner.slugs import safe_slug
from sqlalchemy import select

from ..config.ownership import Owner, fields, per_user

# fields that two users share only if one of them needs a hash for the slug
_USER_ONLY = frozenset({"username", "safe_username", "escaped_username", "unescaped_username"})
_SUB_PATHS = ("subPath", "sub_path")
_CLAIMS = ("persistentVolumeClaim", "persistent_volume_claim")


def templates(volumes: Iterable[Any], mounts: Iterable[Any], pvc_name: str) -> Iterator[str]:
    """Yield a template for each mounted place that contains the user's name, in parts by line.

    `pvc_name` is the template of `{pvc_name}`. Places in a claim whose own name contains the user's
    name are left out: the claim has an owner.
    """
    sources = {each.get("name"): _source(each, pvc_name) for each in map(_fields, volumes)}
    for mount in map(_fields, mounts):
        source = sources.get(mount.get("name"))  # none for an emptyDir
        sub_path = next((mount[key] for key in _SUB_PATHS if mount.get(key)), "")
        if source and per_user(place := "\n".join([*source, str(sub_path)])):
            yield place


def _source(volume: Mapping[str, Any], pvc_name: str) -> list[str] | None:
    """Return the texts that identify the source of a volume; None if it is a personal claim."""
    parts = [value for key, value in volume.items() if key != "name"]
    texts = [text.replace("{pvc_name}", pvc_name) for text in _texts(parts)]
    is_claim = any(volume.get(key) for key in _CLAIMS)
    return None if is_claim and any(map(per_user, texts)) else texts


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _texts(value)


def _fields(part: Any) -> Mapping[str, Any]:
    """Return the fields of a volume or a mount, which configuration may give as a model."""
    to_dict = getattr(part, "to_dict", None)
    mapping = to_dict() if to_dict else part
    return mapping if isinstance(mapping, Mapping) else {}


def earlier_owner(spawner: Any, template: str) -> Owner | None:
    """Return another user's server to which `template` gives the place of this server."""
    name = spawner.user.name
    if _USER_ONLY.issuperset(fields(template)) and safe_slug(name) == name:
        return None
    ours = _expand(spawner, template, spawner.user.id, name, spawner.name or "")
    query = (
        select(orm.User.id, orm.User.name, orm.Spawner.name)
        .join(orm.Spawner, orm.Spawner.user_id == orm.User.id)
        .where(orm.Spawner.id < spawner.orm_spawner.id, orm.User.id != spawner.user.id)
    )
    for user_id, user, server in spawner.user.db.execute(query):
        if _expand(spawner, template, user_id, user, server or "") == ours:
            return Owner(user, server or "")
    return None


def _expand(spawner: Any, template: str, user_id: int, user: str, server: str) -> str:
    """Expand a template as KubeSpawner would for another server."""
    other = SimpleNamespace(
        name=server,
        user=SimpleNamespace(id=user_id, name=user),
        slug_scheme=spawner.slug_scheme,
        namespace=spawner.namespace,
        _namespace_default=lambda: spawner.namespace,
    )
    expanded: str = KubeSpawner._expand_user_properties(other, template)
    return expanded
