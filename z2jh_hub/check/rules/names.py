"""Report name templates that give two servers the same name.

The templates are expanded for a few users and servers whose names are chosen to collide. Hash
collisions, which no template can avoid, are not reported.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import product

from ...config.errors import Path, Problem
from ...config.key_paths import key_path
from ...config.ownership import fields, per_server, per_user
from ...config.values import Values
from .. import queries

POD = ("singleuser.podNameTemplate", "hub.config.KubeSpawner.pod_name_template")
CLAIM = ("singleuser.storage.dynamic.pvcNameTemplate", "hub.config.KubeSpawner.pvc_name_template")
# directories of a volume for all users
DIRECTORIES = ("singleuser.storage.static.subPath", "singleuser.storage.homeHostPathTemplate")
# templates that only one type of storage reads
OF_TYPE = {CLAIM[0]: "dynamic", DIRECTORIES[0]: "static", DIRECTORIES[1]: "hostPath"}
NAMED_SERVERS = ("hub.allowNamedServers", "hub.config.JupyterHub.allow_named_servers")
NAMESPACES = "hub.config.KubeSpawner.enable_user_namespaces"
SCHEME = "hub.config.KubeSpawner.slug_scheme"

USERS = ("al", "alice", "bo", "al-ice", "al--ice", "al1", "al12")
SERVERS = ("ice", "ce", "2dice", "lab")
USER_IDS = ("1", "2", "12")
_SAFE = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")

Server = tuple[str, str, str]  # user, user id, server


def findings(values: Values) -> Iterator[Problem]:
    """Yield templates that give two users or servers the same pod or claim."""
    named = any(queries.is_on(values, key) for key in NAMED_SERVERS)
    namespaces = queries.is_on(values, NAMESPACES)
    scheme = str(values.get(SCHEME) or "safe")
    for key in (*POD, *CLAIM, *DIRECTORIES):
        template = values.get(key)
        if not isinstance(template, str) or not template or not _is_read(values, key):
            continue
        if key in DIRECTORIES and not per_user(template):
            if _is_expandable(template, scheme):
                yield _shared_home(values, key_path(key), template)
            continue
        pods = key in POD
        servers = ("", *SERVERS) if named and (pods or per_server(template)) else ("",)
        pair = collision(template, servers, scheme=scheme, namespaces=namespaces)
        if pair:
            yield _problem(values, key_path(key), template, pair, pods=pods)


def _is_read(values: Values, key: str) -> bool:
    return OF_TYPE.get(key) in (None, values.get("singleuser.storage.type") or "dynamic")


def _is_expandable(template: str, scheme: str) -> bool:
    try:
        return bool(expand(template, USERS[0], USER_IDS[0], "", scheme))
    except (ValueError, LookupError, AttributeError):
        return False


def _shared_home(values: Values, path: Path, template: str) -> Problem:
    return values.problem(
        path,
        "all users get the same home, and can read and change each other's files",
        given=template,
        expected="a directory for each user",
        hint="use {username}",
        severity="warning",
        rule="shared-name",
    )


def _problem(
    values: Values, path: Path, template: str, pair: tuple[Server, Server, str], *, pods: bool
) -> Problem:
    first, second, name = pair
    kind = "pod" if pods else "home"
    field = "user_server" if pods or per_server(template) else "username"
    return values.problem(
        path,
        f"{_words(first)} and {_words(second)} get the same {kind}, {name}, so the hub refuses to "
        "start the second server",
        given=template,
        expected="a template that gives each of them a different name",
        hint=f"use {{{field}}}",
        severity="warning",
        rule="shared-name",
    )


def _words(server: Server) -> str:
    user, user_id, name = server
    owner = f"user {user}" + (f" with the id {user_id}" if user_id else "")
    return f"{owner} with the server {name}" if name else owner


def collision(
    template: str, servers: tuple[str, ...], *, scheme: str = "safe", namespaces: bool = False
) -> tuple[Server, Server, str] | None:
    """Return two servers that get the same name from a template, and the name; None if none do.

    With `namespaces`, each user has a namespace, so only servers of one user can collide.
    """
    if not _is_expandable(template, scheme):
        return None  # the trait's own check reports it
    ids = USER_IDS if "userid" in fields(template) else ("",)
    servers_by_name: dict[tuple[str, str], Server] = {}
    for user, user_id, server in product(USERS, ids, servers):
        name = expand(template, user, user_id, server, scheme)
        key = (name, user if namespaces else "")
        first = servers_by_name.setdefault(key, (user, user_id, server))
        # each user has exactly one id
        both = (first[0] == user) == (first[1] == user_id) or not user_id
        if both and (first[0], first[2]) != (user, server):
            return first, (user, user_id, server), name
    return None


def expand(template: str, user: str, user_id: str, server: str, scheme: str) -> str:
    """Expand a template as KubeSpawner 7 does, for short names."""
    safe = (_safe(user), _safe(server) if server else "")
    escaped = (_escaped(user), _escaped(server))
    slugs = escaped if scheme == "escape" else safe
    known = {
        "userid": user_id,
        "hubnamespace": "hub",
        "namespace": "hub",
        "unescaped_username": user,
        "unescaped_servername": server,
        "username": slugs[0],
        "servername": slugs[1],
        "user_server": _joined(*slugs),
        "safe_username": safe[0],
        "safe_servername": safe[1],
        "safe_user_server": _joined(*safe),
        "escaped_username": escaped[0],
        "escaped_servername": escaped[1],
        "escaped_user_server": "--".join(escaped),
    }
    name = template.format(**known)
    return name if template.endswith("-") else name.rstrip("-")


def _joined(user: str, server: str) -> str:
    return f"{user}--{server}" if server else user


def _safe(name: str) -> str:
    if _SAFE.fullmatch(name) and "--" not in name:
        return name
    slug = re.sub("[^a-z0-9]+", "-", name).strip("-")
    slug = slug if slug[:1].isalpha() else f"x-{slug}"
    return f"{slug}---{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _escaped(name: str) -> str:
    return "".join(c if c.isalnum() else f"-{ord(c):x}" for c in name)
