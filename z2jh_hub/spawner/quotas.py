"""Quotas: how many servers a user may run at once, of which profiles, and for how many hours.

`hub.quotas` is a mapping of rules:

    students: {groups: [students], servers: 1, profiles: {gpu: 0}, hoursPerWeek: 20}

A rule that names the user overrides one that names a group of theirs, which overrides one that
names neither users nor groups and applies to everyone. Among rules of the same kind, the highest
limit wins. Without a rule, there is no limit.
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
from .profiles import GroupedProfiles, with_slugs

REASON = "user-quota"
MISTAKEN = (
    "Your server cannot be started: a rule about how many servers you may have has a mistake. "
    "Contact the administrators of this JupyterHub."
)


@dataclass(frozen=True)
class Quota:
    """The limits of one user; None means no limit. `profiles` has limits by slug."""

    servers: int | None = None
    hours: float | None = None
    profiles: Mapping[str, int] = field(default_factory=dict)


Rules = Iterable[Mapping[str, Any]]


def quota_of(rules: Rules, user: str, groups: frozenset[str]) -> Quota:
    """Return the limits that the rules set for a user who is in `groups`."""
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
    """Return the name of the rule that limits the hours of a user who is in `groups`."""
    hours = quota_of(rules.values(), user, groups).hours
    for layer in reversed(_layers(rules.values(), user, groups)):
        for name, rule in rules.items():
            if hours is not None and rule in layer and rule.get("hoursPerWeek") == hours:
                return name
    return None


def _layers(rules: Rules, user: str, groups: frozenset[str]) -> list[list[Mapping[str, Any]]]:
    """Return the rules that apply, the most general first; a later layer overrides an earlier one.

    Rules with mistakes are left out: `check_start` refuses the users whom they may apply to.
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
    """Yield the mistakes in a rule. A part that is null counts as absent."""
    if not isinstance(rule, Mapping):
        yield "a rule must be a mapping such as {groups: [students], servers: 1}"
        return
    for part, value in rule.items():
        expected = PARTS.get(part)
        if expected is None:
            yield f"{part} is not a key of a rule; use {', '.join(PARTS)}"
        elif value is not None and not _ACCEPTS[part](value):
            yield f"{part} must be {expected}"


def first_mistake(rules: Any, user: str, groups: frozenset[str]) -> str:
    """Return the first mistake in a rule that may apply to a user, or an empty string."""
    if not isinstance(rules, Mapping):
        return "quotas must be a mapping of rules by name"
    for name, rule in rules.items():
        for mistake in mistakes(rule) if rule is not None else ():
            if _may_apply_to(rule, user, groups):
                return f"{name}: {mistake}"
    return ""


def _may_apply_to(rule: Any, user: str, groups: frozenset[str]) -> bool:
    """Return whether a rule with a mistake may apply to a user; not if it names only others."""
    if not isinstance(rule, Mapping) or not rule.keys() & {"users", "groups"}:
        return True
    users, named = rule.get("users"), rule.get("groups")
    if not all(each is None or _are_names(each) for each in (users, named)):
        return True
    return user in (users or ()) or not groups.isdisjoint(named or ()) or not (users or named)


def _are_names(value: Any) -> bool:
    is_list = isinstance(value, list | tuple | set | frozenset)
    return is_list and all(isinstance(name, str) for name in value)


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < inf


def _is_number(value: Any) -> bool:
    return _is_amount(value) and value == int(value)


PARTS = {
    "users": "a list of user names",
    "groups": "a list of group names",
    "servers": "a whole number, 0 or more",
    "hoursPerWeek": "a number of hours, 0 or more",
    "profiles": "a mapping from profile slugs to whole numbers",
}
_ACCEPTS: Mapping[str, Callable[[Any], bool]] = {
    "users": _are_names,
    "groups": _are_names,
    "servers": _is_number,
    "hoursPerWeek": _is_amount,
    "profiles": lambda value: isinstance(value, Mapping) and all(map(_is_number, value.values())),
}


class LimitedServers(GroupedProfiles):
    """A KubeSpawner that enforces quotas."""

    quotas = Dict(
        config=True,
        help="Rules by name, in the form of the value hub.quotas.",
    )
    _recorded = None

    @property
    def quota(self) -> Quota:
        """The current limits of this server's user."""
        return quota_of(self.quotas.values(), self.user.name, self.group_names)

    def check_start(self, profile_list: list[dict[str, Any]]) -> None:
        super().check_start(profile_list)
        if mistake := first_mistake(self.quotas, self.user.name, self.group_names):
            self.log.error("Refusing to start a server for %s: %s", self.user.name, mistake)
            raise SpawnException(MISTAKEN, reason=REASON, status_code=403)
        if self.quotas:
            refusal = self._beyond(self.quota)
            if refusal:
                raise SpawnException(refusal, reason=REASON, status_code=403)

    def _others(self) -> list[GroupedProfiles]:
        return [each for each in self.user.spawners.values() if each is not self and each.active]

    def _beyond(self, quota: Quota) -> str:
        """Return why the quota does not allow this server, or an empty string if it does."""
        others = self._others()
        count = len(others)
        if quota.servers is not None and count >= quota.servers:
            if not quota.servers:
                return "You may not start a server."
            return (
                f"You have {count} {_noun(count)} and may have {quota.servers} at once. Stop "
                "one that you do not need, then start this one again."
            )
        slug = self.profile_slug
        limit = quota.profiles.get(slug)
        if limit is not None:
            same = _of_profile(slug, others)
            if not limit:
                return f"You may not start a server of the profile {self.profile_name(slug)}."
            if same >= limit:
                return (
                    f"You have {same} {_noun(same)} of the profile {self.profile_name(slug)} and "
                    f"may have {limit} at once."
                )
        if quota.hours is not None:
            if not quota.hours:
                return "You may not start a server: you have 0 hours a week."
            used = self.hours_used
            if used >= quota.hours:
                return (
                    f"Your servers ran for {used:.1f} of your {quota.hours:g} hours a week. "
                    "Used hours become available again after seven days."
                )
        return ""

    @property
    def quota_note(self) -> str:
        """The rest of the quota, as a sentence for the page on which a server is started."""
        quota, others, notes = self.quota, self._others(), []
        if quota.servers is not None:
            more = max(quota.servers - len(others), 0)
            notes.append(f"You can start {more} more {_noun(more)}.")
        if quota.hours is not None:
            left = max(quota.hours - self.hours_used, 0)
            notes.append(f"{left:.1f} of {quota.hours:g} hours left this week.")
        return " ".join(notes)

    @property
    def hours_limit(self) -> float | None:
        """The hours a week for which this user's servers may run; None without a limit."""
        return quota_of(self.quotas.values(), self.user.name, self.group_names).hours

    @property
    def hours_used(self) -> float:
        """The hours that this user's servers ran in the last week, where hours are limited."""
        return usage.hours(self.user.db, self.user.id, usage.now())

    def with_notes(self, profile_list: Any) -> Any:
        """Return the profiles with the rest of the quota of each, or why it is used up."""
        limits, others = self.quota.profiles, self._others()
        profiles = []
        for profile in with_slugs(super().with_notes(profile_list)):
            if (limit := limits.get(profile["slug"])) is None:
                profiles.append(profile)
                continue
            count = _of_profile(profile["slug"], others)
            used = f"You have {count} {_noun(count)} of this profile and may have {limit} at once."
            left = f"You can start {limit - count} more {_noun(limit - count)} of this profile."
            profiles.append(
                {**profile, **({"quota_left": left} if count < limit else {"used_up": used})}
            )
        return profiles

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
        """Record how long this server ran, unless that was done less than `every` ago."""
        started = self.orm_spawner.started if self.orm_spawner else None
        if not started or not self.quotas or self.quota.hours is None:
            return
        now = usage.now()
        if every is None or self._recorded is None or now - self._recorded >= every:
            usage.record(self.user.db, self.user.id, self.name, started, now)
            self._recorded = now


def _of_profile(slug: str, servers: list[GroupedProfiles]) -> int:
    return sum(each.profile_slug == slug for each in servers)


def _noun(number: int) -> str:
    return "server" if number == 1 else "servers"
