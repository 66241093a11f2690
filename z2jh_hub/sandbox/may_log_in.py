"""The job `login`: whether users may log in, and which rules decide that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import dry_start, load_config, trait_checks
from .login import Interview
from .stand_ins import is_stand_in


def decide(people: Sequence[tuple[str, Sequence[str] | None]]) -> dict[str, Any]:
    """Answer whether each person, a name and its groups at the provider, may log in.

    Return {people: [{name, allowed, admin, allowed_by, admin_by, admin_if, why, class}]}. `allowed`
    is null if that cannot be determined; `why` is the reason. A person whose groups are None may be
    in any: a rule that needs them is a reason, and `admin_if` lists the groups whose members are
    administrators.
    """
    loaded = load_config.load()
    why = _why_not(loaded)
    if why:
        return {"people": [{"allowed": None, "why": why} for _ in people]}
    cls = trait_checks.chosen(loaded.config, "authenticator_class")
    interview = Interview(cls, loaded.config)
    return {"people": [_decide(interview, user, groups) for user, groups in people]}


def _decide(interview: Interview, user: str, groups: Sequence[str] | None) -> dict[str, Any]:
    of_load_groups = _of_load_groups(interview.config, interview.known_as(user))
    member_of = [*(groups or ()), *of_load_groups]
    answer = _answer(interview, user, member_of)
    return answer if groups is not None else _if_member(interview, user, member_of, answer)


def _why_not(loaded: load_config.Loaded) -> str:
    """Return why the authenticator cannot be asked; empty if it can."""
    if loaded.problems:
        return "the values have mistakes; run `z2jh check`"
    if loaded.raised:
        return f"{loaded.raised['type']}: {loaded.raised['message']}"
    try:
        cls = trait_checks.chosen(loaded.config, "authenticator_class")
    except Exception as error:
        return f"no authenticator: {error}"
    if is_stand_in(cls):
        return f"{cls.__name__} is not installed here"
    for failure in dry_start.failures(loaded):
        if failure["type"] != "DriverMissing":
            here = "here" if failure["here"] else "with this configuration; run `z2jh check`"
            reason = f"{failure['type']}: {failure['message']}".rstrip(": ")
            return f"the hub does not start {here} ({reason})"
    return ""


def _answer(interview: Interview, user: str, groups: Sequence[str]) -> dict[str, Any]:
    outcome = interview.outcome(user, groups)
    rules = [r for r in interview.rules() if interview.outcome(user, groups, only=r)["allowed"]]
    admin_rules = [
        r for r in interview.rules("admin") if interview.outcome(user, groups, only=r)["admin"]
    ]
    if _admin_role(interview.config, outcome["name"], groups):
        outcome["admin"] = True
        admin_rules.append("JupyterHub.load_roles")
    return {
        **outcome,
        "allowed_by": [interview.shown(r) for r in rules or interview.provider_rules()]
        if outcome["allowed"]
        else [],
        "admin_by": [interview.shown(r) for r in admin_rules] if outcome["admin"] else [],
        "admin_if": [],
        "class": interview.cls.__name__,
    }


def _if_member(
    interview: Interview, user: str, member_of: Sequence[str], answer: dict[str, Any]
) -> dict[str, Any]:
    """Return `answer` for a user of unknown groups: what would differ for a member?"""
    groups = sorted(interview.groups() | _admin_groups(interview.config))
    wider = _answer(interview, user, [*member_of, *groups]) if groups else answer
    if wider["allowed"] and answer["allowed"] is False:
        decisive = [g for g in groups if interview.outcome(user, [*member_of, g])["allowed"]]
        why = f"it depends on membership of {' or '.join(decisive or groups)}; give --groups"
        return {**answer, "allowed": None, "why": why}
    if answer["allowed"] and wider["admin"] and not answer["admin"]:
        decisive = [g for g in groups if _answer(interview, user, [*member_of, g])["admin"]]
        return {**answer, "admin_if": decisive}
    return answer


def _roles(config: Any) -> list[dict[str, Any]]:
    """Return the configuration of the role `admin`."""
    roles = config.JupyterHub.get("load_roles")
    dicts = [role for role in (roles if isinstance(roles, list) else ()) if isinstance(role, dict)]
    return [role for role in dicts if role.get("name") == "admin"]


def _admin_role(config: Any, user: str, groups: Sequence[str]) -> bool:
    return any(
        user in role.get("users", ()) or set(groups) & set(role.get("groups", ()))
        for role in _roles(config)
    )


def _admin_groups(config: Any) -> set[str]:
    return {str(group) for role in _roles(config) for group in role.get("groups", ())}


def _of_load_groups(config: Any, user: str) -> list[str]:
    """Return the groups that `JupyterHub.load_groups` adds the user to."""
    groups = config.JupyterHub.get("load_groups")
    members = {
        name: group.get("users", ()) if isinstance(group, dict) else group
        for name, group in (groups.items() if isinstance(groups, dict) else ())
    }
    return [name for name, users in members.items() if user in users]
