"""Simulate the answers of a login provider about a user."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from . import cilogon


def model(
    authenticator: Any, name: str, groups: Sequence[str], account: str = ""
) -> dict[str, Any]:
    """Return the authentication model for the answer of the provider.

    `name` is the hub's name of the user, `account` that of the provider if it differs.
    """
    answer: dict[str, Any] = {"name": name, "admin": None, "auth_state": None}
    _simulate(authenticator, groups)
    if not hasattr(authenticator, "user_auth_state_key"):
        answer["auth_state"] = {"ldap_groups": list(groups)}
        return answer | ({"groups": list(groups)} if authenticator.manage_groups else {})
    tokens = {"access_token": "-", "token_type": "Bearer"}
    answer["auth_state"] = {
        **tokens,
        "scope": list(getattr(authenticator, "scope", ())),
        "token_response": tokens,
        # where Bitbucket and Globus look
        "user_teams": list(groups),
        "globus_groups": list(groups),
        authenticator.user_auth_state_key: user_info(authenticator, account or name, groups),
    }
    answer["admin"] = True if name in authenticator.admin_users else None
    if authenticator.manage_groups:
        answer["groups"] = sorted(groups)
        if authenticator.admin_groups and not answer["admin"]:
            answer["admin"] = bool(set(groups) & set(authenticator.admin_groups))
    for trait, value in _admin_traits(authenticator):
        if value & set(groups) and not answer["admin"]:
            answer["admin"] = trait.startswith("admin_")
    return answer


def _admin_traits(authenticator: Any) -> Iterator[tuple[str, set[str]]]:
    """Yield the groups of administrators at Google, of any domain, and Globus."""
    given = getattr(authenticator, "admin_google_groups", None)
    for groups in given.values() if isinstance(given, dict) else ():
        yield "admin_google_groups", set(groups)
    yield "admin_globus_groups", set(getattr(authenticator, "admin_globus_groups", None) or ())


def user_info(authenticator: Any, name: str, groups: Sequence[str]) -> dict[str, Any]:
    """Return user information under the keys of all providers, for a name or an email address."""
    domain = name.partition("@")[2] or next(_domains(authenticator), "example.org")
    email = name if "@" in name else f"{name}@{domain}"
    info: dict[str, Any] = {
        "email": email, "domain": domain, "hd": domain, "verified_email": True,
        "email_verified": True, "google_groups": list(groups), "groups": list(groups),
        "id": 0, "login": name, "username": name, "name": name, "preferred_username": name,
        "sub": name, "upn": email, "eppn": email, "primary_email": email,
    }  # fmt: skip
    claim = getattr(authenticator, "username_claim", None)
    if isinstance(claim, str) and claim and claim not in ("email",):
        # Globus's names are addresses
        info[claim] = email if getattr(authenticator, "identity_provider", "") else name
    return info | cilogon.claims(getattr(authenticator, "idps", None) or {}, name)


def _domains(authenticator: Any) -> Iterator[str]:
    """Yield the domains that the configuration names."""
    yield from getattr(authenticator, "hosted_domain", None) or ()
    if provider := getattr(authenticator, "identity_provider", None):
        yield provider
    for trait in ("allowed_google_groups", "admin_google_groups"):
        yield from getattr(authenticator, trait, None) or ()


def _simulate(authenticator: Any, groups: Sequence[str]) -> None:
    """Simulate the provider's answers about membership in organizations and groups."""

    async def in_organisation(org: str, *_: Any) -> bool:
        return org.lower() in (group.lower() for group in groups)

    async def in_groups(*_: Any) -> bool:
        # members of a GitLab group are members of its subgroups
        return any(
            f"{allowed}/".startswith(f"{group}/")
            for allowed in authenticator.allowed_gitlab_groups
            for group in groups
        )

    async def in_projects(*_: Any) -> bool:
        return bool(set(map(str, authenticator.allowed_project_ids)) & set(groups))

    def in_local_groups(*_: Any) -> bool:
        return bool(set(authenticator.allowed_groups) & set(groups))

    for name, played in (
        ("_check_membership_allowed_organizations", in_organisation),
        ("_check_membership_allowed_groups", in_groups),
        ("_check_membership_allowed_project_ids", in_projects),
        ("check_allowed_groups", in_local_groups),
    ):
        if hasattr(authenticator, name):
            setattr(authenticator, name, played)
