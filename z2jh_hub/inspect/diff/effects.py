"""What a change does to those who are at work, and to their files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .reloads import Reloads
from .trees import Change

# traits by which browsers, and what the hub remembers, are known again
_LOGS_OUT = {
    "JupyterHub.cookie_secret": "the secret by which cookies are signed",
    "JupyterHub.db_url": "the database, which knows who is logged in",
    "JupyterHub.base_url": "the address to which cookies belong",
    "JupyterHub.subdomain_host": "the address to which cookies belong",
}
_KEYS = {
    "hub.cookieSecret": "the secret by which cookies are signed",
    "hub.config.JupyterHub.cookie_secret": "the secret by which cookies are signed",
}
_USERS_CLASSES = ("Spawner", "KubeSpawner", "Z2JHKubeSpawner")


@dataclass(frozen=True)
class Effect:
    """`kind` is one of `KINDS`; `why` the change behind it, in words."""

    kind: str
    why: str


KINDS = {
    "home-unreachable": "users do not find their files",
    "logs-out": "users are logged out",
    "restarts-hub": "the hub restarts: running servers go on, but for a minute nobody can log in "
    "or start one",
    "restarts-proxy": "the proxy restarts: open connections break for some seconds",
    "restarts": "another part of the chart restarts",
    "reloads": "in force within a minute, without a restart",
    "next-restart": "in force when the hub next starts; list the key in hub.restartOnChange to "
    "restart the hub on this change",
    "new-servers": "only servers that start from now on are different",
}


def of_traits(
    changed: Iterable[Change], values: Iterable[Change], reloads: Reloads
) -> Iterator[Effect]:
    """Effects that the hub's traits and the values tell."""
    told: set[str] = set()
    others = []
    for change in changed:
        why = _LOGS_OUT.get(change.name)
        if why:
            told.add(why)
        if change.path[0] not in _USERS_CLASSES and change.path not in reloads.traits:
            others.append(change.name)
    told |= {_KEYS[change.name] for change in values if change.name in _KEYS}
    for why in sorted(told):
        yield Effect("logs-out", f"{why} changes")
    if others:
        yield Effect("restarts-hub", f"{_some(others)} changed")
    if reloads.listed:
        why = f"{_some(reloads.listed)} changed, which hub.restartOnChange lists"
        yield Effect("restarts-hub", why)
    if reloads.used:
        why = f"{_some(reloads.used)} changed, which code of the deployment seems to use"
        yield Effect("next-restart", why)
    for key in reloads.taken:
        yield Effect("reloads", f"{key} changed")


def of_restarts(workloads: Iterable[str]) -> Iterator[Effect]:
    """Effects of the workloads (`Kind/name`) whose pods are replaced."""
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
