"""Quotas: how many servers a user may have at once, of which profiles, for how many hours.

`hub.quotas` is a map of rules:

    students: {groups: [students], servers: 1, profiles: {gpu: 0}, hoursPerWeek: 20}

A rule that names a user holds before one that names a group of theirs, and that before one
that names nobody and so holds for everybody; where several hold, the most generous number of
each kind does. What no rule speaks of is not limited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from math import inf
from typing import Any

from jupyterhub.spawner import SpawnException
from traitlets import Dict

from . import usage
from .profiles import GroupedProfiles

REASON = "quota"
MISTAKEN = (
    "Your server cannot be started: a rule about how many servers you may have has a mistake. "
    "Tell the administrators of this JupyterHub."
)


@dataclass(frozen=True)
class Quota:
    """What one user may have; None is no limit."""

    servers: int | None = None
    hours: float | None = None
    profiles: Mapping[str, int] = field(default_factory=dict)


Rules = Iterable[Mapping[str, Any]]


def quota_of(rules: Rules, user: str, groups: frozenset[str]) -> Quota:
    """What the rules give to a user who is in `groups`."""
    servers = hours = None
    profiles: dict[str, int] = {}
    for layer in _layers(rules, user, groups):
        servers = _most(layer, "servers", servers)
        hours = _most(layer, "hoursPerWeek", hours)
        limits = [rule.get("profiles") or {} for rule in layer]
        for slug in {slug for limit in limits for slug in limit}:
            profiles[slug] = max(limit[slug] for limit in limits if slug in limit)
    return Quota(servers, hours, profiles)


def hours_rule(
    rules: Mapping[str, Mapping[str, Any]], user: str, groups: frozenset[str]
) -> str | None:
    """The name of the rule that limits the hours of a user who is in `groups`."""
    hours = quota_of(rules.values(), user, groups).hours
    for layer in reversed(_layers(rules.values(), user, groups)):
        for name, rule in rules.items():
            if hours is not None and rule in layer and rule.get("hoursPerWeek") == hours:
                return name
    return None


def _layers(rules: Rules, user: str, groups: frozenset[str]) -> list[list[Mapping[str, Any]]]:
    """The rules that hold, the most general first; a later layer overrules an earlier one.

    Those that are not understood are none of them: `check_start` refuses whom they may be for.
    """
    rules = [rule for rule in rules if rule and not any(mistakes(rule))]
    return [
        [rule for rule in rules if not rule.get("users") and not rule.get("groups")],
        [rule for rule in rules if not groups.isdisjoint(rule.get("groups") or ())],
        [rule for rule in rules if user in (rule.get("users") or ())],
    ]


def _most(layer: list[Mapping[str, Any]], key: str, before: Any) -> Any:
    return max((rule[key] for rule in layer if rule.get(key) is not None), default=before)


def mistakes(rule: Any) -> Iterator[str]:
    """What keeps a rule from being understood; a part that is null is absent."""
    if not isinstance(rule, Mapping):
        yield "a rule is a mapping such as {groups: [students], servers: 1}"
        return
    for part, given in rule.items():
        expected = PARTS.get(part)
        if expected is None:
            yield f"{part} is no part of a rule: it has {', '.join(PARTS)}"
        elif given is not None and not _ACCEPTS[part](given):
            yield f"{part} must be {expected}"


def not_understood(rules: Any, user: str, groups: frozenset[str]) -> str:
    """The first mistake in the rules that may be for a user; empty where there is none."""
    if not isinstance(rules, Mapping):
        return "quotas are rules by name"
    for name, rule in rules.items():
        for mistake in mistakes(rule) if rule is not None else ():
            if _may_be_for(rule, user, groups):
                return f"{name}: {mistake}"
    return ""


def _may_be_for(rule: Any, user: str, groups: frozenset[str]) -> bool:
    """Whether a rule with a mistake may be for a user; not where it names others."""
    if not isinstance(rule, Mapping) or not rule.keys() & {"users", "groups"}:
        return True
    users, named = rule.get("users"), rule.get("groups")
    if not all(each is None or _are_names(each) for each in (users, named)):
        return True
    return user in (users or ()) or not groups.isdisjoint(named or ()) or not (users or named)


def _are_names(given: Any) -> bool:
    is_list = isinstance(given, list | tuple | set | frozenset)
    return is_list and all(isinstance(name, str) for name in given)


def _is_amount(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given < inf


def _is_number(given: Any) -> bool:
    return _is_amount(given) and given == int(given)


PARTS = {
    "users": "a list of users",
    "groups": "a list of groups",
    "servers": "a whole number, 0 or more",
    "hoursPerWeek": "a number of hours, 0 or more",
    "profiles": "a mapping of profiles' slugs to whole numbers",
}
_ACCEPTS: Mapping[str, Callable[[Any], bool]] = {
    "users": _are_names,
    "groups": _are_names,
    "servers": _is_number,
    "hoursPerWeek": _is_amount,
    "profiles": lambda given: isinstance(given, Mapping) and all(map(_is_number, given.values())),
}


class LimitedServers(GroupedProfiles):
    """A KubeSpawner that keeps users to their quotas."""

    quotas = Dict(
        config=True,
        help="Rules by name, as in the values' hub.quotas (see z2jh_hub.spawner.quotas).",
    )
    _recorded = None

    @property
    def quota(self) -> Quota:
        """What this server's user may have now."""
        return quota_of(self.quotas.values(), self.user.name, self.group_names)

    def check_start(self, profile_list: list[dict[str, Any]]) -> None:
        super().check_start(profile_list)
        if mistake := not_understood(self.quotas, self.user.name, self.group_names):
            self.log.error("No server of %s is started: %s", self.user.name, mistake)
            raise SpawnException(MISTAKEN, reason=REASON, status_code=403)
        if self.quotas:
            refusal = self._beyond(self.quota)
            if refusal:
                raise SpawnException(refusal, reason=REASON, status_code=403)

    def _others(self) -> list[GroupedProfiles]:
        return [each for each in self.user.spawners.values() if each is not self and each.active]

    def _beyond(self, quota: Quota) -> str:
        """Why the quota keeps this server from starting; empty where it does not."""
        others = self._others()
        if quota.servers is not None and len(others) >= quota.servers:
            return (
                f"You have {_count(len(others), 'server')} and may have {quota.servers} at once. "
                "Stop one that you do not need, and start this one again."
            )
        slug = self.profile_slug
        limit = quota.profiles.get(slug)
        if limit is not None:
            same = _of_profile(slug, others)
            if same >= limit:
                return f"You have {same} of the profile {slug} and may have {limit} at once."
        if quota.hours is not None:
            used = usage.hours(self.user.db, self.user.id, usage.now())
            if used >= quota.hours:
                return (
                    f"Your servers ran for {used:.1f} of your {quota.hours:g} hours a week. "
                    "Each hour is yours again seven days after it was used."
                )
        return ""

    @property
    def quota_note(self) -> str:
        """What is left of the quota, in words for the page on which a server is started."""
        quota, others, notes = self.quota, self._others(), []
        if quota.servers is not None:
            left = max(quota.servers - len(others), 0)
            notes.append(f"{left} of {_count(quota.servers, 'server')} at once")
        for slug, limit in sorted(quota.profiles.items()):
            left = max(limit - _of_profile(slug, others), 0)
            notes.append(f"{left} of {limit} of the profile {slug}")
        if quota.hours is not None:
            used = usage.hours(self.user.db, self.user.id, usage.now())
            notes.append(f"{max(quota.hours - used, 0):.1f} of {quota.hours:g} hours a week")
        return f"Left to you: {', '.join(notes)}." if notes else ""

    def form_parts(self) -> dict[str, str]:
        note = escape(self.quota_note)
        return {**super().form_parts(), "quota": f'<p role="status">{note}</p>' if note else ""}

    async def poll(self) -> Any:
        status = await super().poll()
        if status is None and self.ready:
            self._record(usage.EVERY)
        return status

    async def stop(self, now: bool = False) -> Any:
        self._record()
        return await super().stop(now)

    def _record(self, every: Any = None) -> None:
        """Keep how long this server ran, unless that was done less than `every` ago."""
        started = self.orm_spawner.started if self.orm_spawner else None
        if not started or not self.quotas or self.quota.hours is None:
            return
        seen = usage.now()
        if every is None or self._recorded is None or seen - self._recorded >= every:
            usage.record(self.user.db, self.user.id, self.name, started, seen)
            self._recorded = seen


def _of_profile(slug: str, servers: list[GroupedProfiles]) -> int:
    return sum(each.profile_slug == slug for each in servers)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
