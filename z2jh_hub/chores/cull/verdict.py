"""When the cullers of a hub stop a user's servers, and by which of their rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from .settings import KEYS, Culler

IDLE, AGE = "idle", "age"
NO_CULLER = "no culler is on (cull.enabled)"


@dataclass(frozen=True)
class Told:
    """One rule, and what follows from it if nothing else happens.

    `due` is when its time is over; it is culled at the culler's first look after that, `at`
    (None: within `every` seconds). With `never`, it is not culled by this rule, for that reason.
    """

    rule: str
    key: str = ""
    limit: int = 0
    every: int = 0
    due: datetime | None = None
    at: datetime | None = None
    never: str = ""

    @property
    def latest(self) -> datetime | None:
        """The latest time of it."""
        return self.at or (self.due and self.due + timedelta(seconds=self.every))


@dataclass(frozen=True)
class Server:
    """A server that runs, and what each rule says of it."""

    name: str
    started: datetime | None
    last_activity: datetime | None
    pending: str
    rules: Sequence[Told]

    @property
    def first(self) -> Told:
        """The rule that is the first to stop it; where none does, one that says why."""
        return first(self.rules)


def first(rules: Sequence[Told]) -> Told:
    """The rule that comes first, else the one that says why there is none."""
    coming = [each for each in rules if each.latest]
    if coming:
        return min(coming, key=lambda each: (each.latest, each.due))
    return next(iter(rules), Told(IDLE, never=NO_CULLER))


def servers_of(model: Mapping[str, Any], cullers: Sequence[Culler], now: datetime) -> list[Server]:
    """The servers in the hub's model of a user."""
    return [
        Server(
            name=name,
            started=_moment(server.get("started")),
            last_activity=_moment(server.get("last_activity")),
            pending=server.get("pending") or "",
            rules=[rule for culler in cullers for rule in _rules(culler, name, server, now)],
        )
        for name, server in sorted((model.get("servers") or {}).items())
        if not server.get("stopped")
    ]


def _rules(culler: Culler, name: str, server: Mapping[str, Any], now: datetime) -> list[Told]:
    started = _moment(server.get("started"))
    seen = _moment(server.get("last_activity")) or started
    option = "cull_named_servers" if name else "cull_default_servers"
    if getattr(culler, option):
        idle = _told(culler, IDLE, "timeout", seen, now)
    else:
        kind = "named" if name else "default"
        idle = Told(IDLE, KEYS[option], never=f"{kind} servers are not culled for being idle")
    if culler.max_age:
        return [idle, _told(culler, AGE, "max_age", started, now)]
    return [idle, Told(AGE, KEYS["max_age"], never="there is no maximum age")]


def user_of(model: Mapping[str, Any], cullers: Sequence[Culler], now: datetime) -> Told:
    """Whether, and when, the user is deleted too: after the last of their servers has stopped."""
    culler = next((each for each in cullers if each.cull_users), None)
    if culler is None:
        return Told(IDLE, KEYS["cull_users"], never="users are not deleted")
    seen = _moment(model.get("last_activity")) or _moment(model.get("created"))
    rules = []
    if model.get("admin") and not culler.cull_admin_users:
        never = "administrators are not deleted for being idle"
        rules.append(Told(IDLE, KEYS["cull_admin_users"], never=never))
    else:
        rules.append(_told(culler, IDLE, "timeout", seen, now))
    if culler.max_age:
        rules.append(_told(culler, AGE, "max_age", _moment(model.get("created")), now))
    chosen = first(rules)
    ends = [each.first.latest for each in servers_of(model, cullers, now)]
    if chosen.due is None or not ends:
        return chosen
    stopped = [end for end in ends if end]
    if len(stopped) < len(ends):
        return Told(chosen.rule, chosen.key, never="not before a server that is not culled stops")
    due = max(chosen.due, *stopped)
    return Told(chosen.rule, chosen.key, chosen.limit, chosen.every, due, culler.look_from(due))


def _told(culler: Culler, rule: str, option: str, since: datetime | None, now: datetime) -> Told:
    limit: int = getattr(culler, option)
    if since is None:
        return Told(rule, KEYS[option], limit, never="the hub does not say since when")
    due = since + timedelta(seconds=limit)
    # a look that is over has not stopped it: it waits for the next
    at = culler.look_from(max(due, now))
    return Told(rule, KEYS[option], limit, culler.every, due, at)


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
