"""Decide which user and server own a claim or a pod, from its metadata.

KubeSpawner annotates the objects that it creates with the names of the user and the server. Object
names are derived from these and can collide; the annotations decide. An object without annotations
belongs to the server whose configured name it has, as in KubeSpawner.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from string import Formatter
from typing import Any

USER = "hub.jupyter.org/username"
SERVER = "hub.jupyter.org/servername"
# the time at which JupyterHub deleted the user of a claim
DELETED = "z2jh.jupyter.org/user-deleted"
# the time of an administrator's decision (`z2jh homes`)
ASSIGNED = "z2jh.jupyter.org/assigned"
RELEASED = "z2jh.jupyter.org/released"
RELEASE_LABELS = ("release", "app.kubernetes.io/instance")

Metadata = Mapping[str, Any]

_SERVER_FIELDS = re.compile(r"(unescaped_|escaped_|safe_)?(servername|user_server)")
_USER_FIELDS = re.compile(r"(unescaped_|escaped_|safe_)?(username|user_server)|userid|pvc_name")
_NUMBER = re.compile(r"(?<![a-z0-9])[0-9]+(?![a-z0-9])")
# the suffixes of a slug's hash and of `new_name`
_SUFFIX = re.compile(r"---[0-9a-f]{8}(?![0-9a-z])|----[0-9]+$")


def fields(template: str) -> list[str]:
    """Return the fields of a name template; empty if it cannot be parsed."""
    try:
        return [name for _, name, _, _ in Formatter().parse(template) if name]
    except ValueError:
        return []


def per_server(template: str) -> bool:
    """Whether a name template gives each server of a user a separate claim."""
    return any(_SERVER_FIELDS.fullmatch(name) for name in fields(template))


def per_user(template: str) -> bool:
    """Whether a name template gives each user a separate claim."""
    return any(_USER_FIELDS.fullmatch(name) for name in fields(template))


@dataclass(frozen=True)
class Owner:
    """A user's server; the default server's name is empty."""

    user: str
    server: str = ""

    def __str__(self) -> str:
        return f"user {self.user!r}, server {self.server!r}" if self.server else f"{self.user!r}"


@dataclass(frozen=True)
class Objection:
    """Why an object must not be used; `cause`: user, server, release, deleted or released."""

    cause: str
    text: str


@dataclass(frozen=True)
class Claimant:
    """The server that wants to use an object.

    each_server     whether the servers of one user have separate objects
    release         the Helm release of the hub; if empty, releases are not compared
    user_id         the id of the user in the hub's database
    slugs           the spellings of this user and server in object names
    """

    owner: Owner
    each_server: bool = True
    release: str = ""
    user_id: str = ""
    slugs: frozenset[str] = field(default=frozenset())

    def objection(self, metadata: Metadata) -> Objection | None:
        """Return why this server must not use an object; None if it may."""
        annotations = metadata.get("annotations") or {}
        owner = owner_of(metadata)
        if owner and owner.user != self.owner.user:
            return Objection("user", f"belongs to user {owner}")
        if owner and self.each_server and owner.server != self.owner.server:
            return Objection("server", f"belongs to the server {owner.server!r} of this user")
        if RELEASED in annotations:
            return Objection("released", f"was released at {annotations[RELEASED]}")
        if DELETED in annotations:
            return Objection("deleted", f"belongs to a user deleted at {annotations[DELETED]}")
        release = release_of(metadata)
        other = bool(self.release) and release not in ("", self.release)
        if owner and other and ASSIGNED not in annotations:
            return Objection("release", f"belongs to the release {release!r}")
        return None

    def homes_among(self, claims: Iterable[Mapping[str, Any]], template: str) -> Homes:
        """Return this server's claims, by their annotations, regardless of their names."""
        homes, of_servers = Homes(), Homes()
        for claim in claims:
            metadata = claim["metadata"]
            owner = owner_of(metadata)
            if owner is None or "deletionTimestamp" in metadata:
                continue
            objection = self.objection(metadata)
            group = homes if self.each_server or not owner.server else of_servers
            if objection is None:
                group.add(metadata["name"], self._has_user_id(metadata, template))
            elif objection.cause == "deleted":
                homes.deleted.append(metadata["name"])
        if not homes.certain and not homes.doubtful:
            return replace(of_servers, deleted=homes.deleted)
        return homes

    def _has_user_id(self, metadata: Metadata, template: str) -> bool | None:
        """Whether a claim's name agrees with the user's id; None if that cannot be known."""
        if ASSIGNED in (metadata.get("annotations") or {}):
            return True
        rest = metadata["name"]
        for slug in sorted(self.slugs, key=len, reverse=True):
            rest = re.sub(rf"(?<![a-z0-9]){re.escape(slug)}(?![a-z0-9])", " ", rest)
        literal = " ".join(text for text, *_ in Formatter().parse(template))
        numbers = set(_NUMBER.findall(_SUFFIX.sub(" ", rest))) - set(_NUMBER.findall(literal))
        if self.user_id in numbers:
            return True
        if "userid" in fields(template):
            return False if numbers else None
        return None if numbers else True


@dataclass(frozen=True)
class Homes:
    """Names of claims that are certainly, possibly or no longer (deleted user) a server's home."""

    certain: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)

    def add(self, name: str, certain: bool | None) -> None:
        if certain is not False:
            (self.certain if certain else self.doubtful).append(name)


def owner_of(metadata: Metadata) -> Owner | None:
    """Return the owner in an object's annotations."""
    annotations = metadata.get("annotations") or {}
    user = annotations.get(USER)
    return Owner(user, annotations.get(SERVER) or "") if user else None


def release_of(metadata: Metadata) -> str:
    """Return the Helm release in an object's labels; empty if there is none."""
    labels = metadata.get("labels") or {}
    return next((labels[key] for key in RELEASE_LABELS if labels.get(key)), "")


def new_name(name: str, names: Iterable[str]) -> str:
    """Return `name` with the first number that is not in `names`; no slug has this form."""
    taken = set(names)
    return next(new for number in count(2) if (new := f"{name}----{number}") not in taken)
