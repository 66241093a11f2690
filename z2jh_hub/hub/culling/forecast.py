"""Forecast when and why the cullers of a hub will stop a user's servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from .settings import KEYS, Culler

IDLE, AGE = "idle", "age"
NO_CULLER = "no culler is enabled (cull.enabled)"


@dataclass(frozen=True)
class Forecast:
    """When one rule will stop a server, if there is no further activity.

    The limit passes at `due`. The culler's first check after that is `at`; None means within
    `every` seconds. If the rule does not apply, `never` is the reason.
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
        """The latest time at which the server will be stopped."""
        return self.at or (self.due and self.due + timedelta(seconds=self.every))


@dataclass(frozen=True)
class Server:
    """A running server, with the forecast of each rule."""

    name: str
    started: datetime | None
    last_activity: datetime | None
    pending: str
    rules: Sequence[Forecast]

    @property
    def first(self) -> Forecast:
        """The rule that stops the server first; if none does, one that says why."""
        return first(self.rules)


def first(rules: Sequence[Forecast]) -> Forecast:
    """Return the rule that applies first; if none does, one that says why."""
    coming = [each for each in rules if each.latest]
    if coming:
        return min(coming, key=lambda each: (each.latest, each.due))
    return next(iter(rules), Forecast(IDLE, never=NO_CULLER))


def forecast_servers(
    model: Mapping[str, Any], cullers: Sequence[Culler], now: datetime
) -> list[Server]:
    """Return a forecast for each running server in the hub's model of a user."""
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


def _rules(culler: Culler, name: str, server: Mapping[str, Any], now: datetime) -> list[Forecast]:
    started = _moment(server.get("started"))
    last_activity = _moment(server.get("last_activity")) or started
    option = "cull_named_servers" if name else "cull_default_servers"
    if getattr(culler, option):
        idle = _forecast(culler, IDLE, "timeout", last_activity, now)
    else:
        kind = "named" if name else "default"
        idle = Forecast(IDLE, KEYS[option], never=f"{kind} servers are not culled for being idle")
    if culler.max_age:
        return [idle, _forecast(culler, AGE, "max_age", started, now)]
    return [idle, Forecast(AGE, KEYS["max_age"], never="there is no maximum age")]


def forecast_account(
    model: Mapping[str, Any], cullers: Sequence[Culler], now: datetime
) -> Forecast:
    """Forecast when the account will be deleted, which is after its last server has stopped."""
    culler = next((each for each in cullers if each.cull_users), None)
    if culler is None:
        return Forecast(IDLE, KEYS["cull_users"], never="accounts are not deleted")
    last_activity = _moment(model.get("last_activity")) or _moment(model.get("created"))
    rules = []
    if model.get("admin") and not culler.cull_admin_users:
        never = "the accounts of administrators are not deleted"
        rules.append(Forecast(IDLE, KEYS["cull_admin_users"], never=never))
    else:
        rules.append(_forecast(culler, IDLE, "timeout", last_activity, now))
    if culler.max_age:
        rules.append(_forecast(culler, AGE, "max_age", _moment(model.get("created")), now))
    chosen = first(rules)
    ends = [each.first.latest for each in forecast_servers(model, cullers, now)]
    if chosen.due is None or not ends:
        return chosen
    stopped = [end for end in ends if end]
    if len(stopped) < len(ends):
        return Forecast(
            chosen.rule, chosen.key, never="not before a server that is not culled stops"
        )
    due = max(chosen.due, *stopped)
    return Forecast(
        chosen.rule, chosen.key, chosen.limit, chosen.every, due, culler.next_check(due)
    )


def _forecast(
    culler: Culler, rule: str, option: str, since: datetime | None, now: datetime
) -> Forecast:
    limit: int = getattr(culler, option)
    if since is None:
        return Forecast(
            rule, KEYS[option], limit, never="the hub does not know the time of the last activity"
        )
    due = since + timedelta(seconds=limit)
    # an earlier check did not stop it, so the next one will
    at = culler.next_check(max(due, now))
    return Forecast(rule, KEYS[option], limit, culler.every, due, at)


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
