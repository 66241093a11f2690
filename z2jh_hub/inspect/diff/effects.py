"""Determine the effects of a change on users and on their files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .reloads import Reloads
from .trees import Change

# traits whose change invalidates sessions, and the reason
_LOGS_OUT = {
    "JupyterHub.cookie_secret": "the cookie secret",
    "JupyterHub.db_url": "the database, which contains the sessions,",
    "JupyterHub.base_url": "the address of the hub",
    "JupyterHub.subdomain_host": "the address of the hub",
}
_KEYS = {
    "hub.cookieSecret": "the cookie secret",
    "hub.config.JupyterHub.cookie_secret": "the cookie secret",
}
_USERS_CLASSES = ("Spawner", "KubeSpawner", "Z2JHKubeSpawner")


@dataclass(frozen=True)
class Effect:
    """`kind` is one of `KINDS`; `why` describes the change that causes it."""

    kind: str
    why: str


KINDS = {
    "home-unreachable": "users lose access to their files",
    "logs-out": "users are logged out",
    "restarts-hub": "the hub restarts; nobody can log in or start a server for about a minute, but "
    "running servers are not affected",
    "restarts-proxy": "the proxy restarts; open connections are interrupted for a few seconds",
    "restarts": "another part of the chart restarts",
    "homes-unchanged": "existing homes do not change",
    "reloads": "applied within a minute, without a restart",
    "next-restart": "applied when the hub next starts, because hub.restartOnChange is false or "
    "does not list the key",
    "new-servers": "applied to servers that start later",
}


def of_traits(
    changed: Iterable[Change], values: Iterable[Change], reloads: Reloads
) -> Iterator[Effect]:
    """Yield the effects of changed traits and values."""
    reasons: set[str] = set()
    others = []
    for change in changed:
        why = _LOGS_OUT.get(change.name)
        if why:
            reasons.add(why)
        if change.path[0] not in _USERS_CLASSES and change.path not in reloads.traits:
            others.append(change.name)
    reasons |= {_KEYS[change.name] for change in values if change.name in _KEYS}
    for why in sorted(reasons):
        yield Effect("logs-out", f"{why} changes")
    if others:
        yield Effect("restarts-hub", f"{_some(others)} changed")
    if reloads.listed:
        why = f"{_some(reloads.listed)} changed, which hub.restartOnChange lists"
        yield Effect("restarts-hub", why)
    if reloads.used:
        why = f"{_some(reloads.used)} changed, which code of the deployment seems to use"
        yield Effect("restarts-hub" if reloads.restarts else "next-restart", why)
    for key in reloads.reloaded:
        yield Effect("reloads", f"{key} changed")


def of_restarts(workloads: Iterable[str]) -> Iterator[Effect]:
    """Yield the effects of replacing the pods of workloads (`Kind/name`)."""
    for name in sorted(workloads):
        short = name.partition("/")[2]
        if short.endswith("hub") and "hook" not in short:
            yield Effect("restarts-hub", f"the pod of {name} changes")
        elif short.endswith(("proxy", "autohttps")):
            yield Effect("restarts-proxy", f"the pod of {name} changes")
        else:
            yield Effect("restarts", f"the pod of {name} changes")


def _some(names: list[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
