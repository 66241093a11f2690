"""Who owns a claim or a pod: the rule, without asking Kubernetes.

KubeSpawner annotates what it creates with the names of the user and the server. Object names are
derived from them and can collide; the annotations are the owner. An object without an owner is
used by whoever its name fits, as KubeSpawner does.
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
# the time at which an administrator decided whose a claim is (`z2jh homes`)
ASSIGNED = "z2jh.jupyter.org/assigned"
RELEASED = "z2jh.jupyter.org/released"
RELEASE_LABELS = ("release", "app.kubernetes.io/instance")

Metadata = Mapping[str, Any]

_SERVER_FIELDS = re.compile(r"(unescaped_|escaped_|safe_)?(servername|user_server)")
_USER_FIELDS = re.compile(r"(unescaped_|escaped_|safe_)?(username|user_server)|userid|pvc_name")
_NUMBER = re.compile(r"(?<![a-z0-9])[0-9]+(?![a-z0-9])")
# what a slug's hash adds to a name, and what `new_name` does
_SUFFIX = re.compile(r"---[0-9a-f]{8}(?![0-9a-z])|----[0-9]+$")


def fields(template: str) -> list[str]:
    """The fields of a name template; none for a template that cannot be parsed."""
    try:
        return [name for _, name, _, _ in Formatter().parse(template) if name]
    except ValueError:
        return []


def per_server(template: str) -> bool:
    """Whether a name template gives each server of a user a claim of its own."""
    return any(_SERVER_FIELDS.fullmatch(name) for name in fields(template))


def per_user(template: str) -> bool:
    """Whether a name template gives each user a claim of their own."""
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
    """The server that asks for an object.

    each_server     whether the servers of one user have objects of their own
    release         the Helm release of the hub; empty: releases are not compared
    user_id         the id of the user in the hub's database
    slugs           how names of this user and server may be written in an object's name
    """

    owner: Owner
    each_server: bool = True
    release: str = ""
    user_id: str = ""
    slugs: frozenset[str] = field(default=frozenset())

    def objection(self, metadata: Metadata) -> Objection | None:
        """Why an object with this metadata is not this server's; None where it may be used."""
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
        """This server's claims, by their annotations, whatever their names are."""
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
    """Names of claims: certainly, perhaps, or no longer (its user was deleted) a server's home."""

    certain: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)

    def add(self, name: str, certain: bool | None) -> None:
        if certain is not False:
            (self.certain if certain else self.doubtful).append(name)


def owner_of(metadata: Metadata) -> Owner | None:
    """The owner that an object's annotations name."""
    annotations = metadata.get("annotations") or {}
    user = annotations.get(USER)
    return Owner(user, annotations.get(SERVER) or "") if user else None


def release_of(metadata: Metadata) -> str:
    """The Helm release whose hub created an object; empty where no label says so."""
    labels = metadata.get("labels") or {}
    return next((labels[key] for key in RELEASE_LABELS if labels.get(key)), "")


def new_name(name: str, names: Iterable[str]) -> str:
    """The first name after `name` that is not among `names`, and that no slug can be."""
    taken = set(names)
    return next(new for number in count(2) if (new := f"{name}----{number}") not in taken)
