"""Ask the authenticator who may log in, with a simulated login provider."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator, Sequence
from typing import Any

from ..config.login_traits import CREATED_USERS, USER_NAMES
from . import load_config, trait_checks
from .stand_ins import is_stand_in

# modules whose authenticators decide only by their traits
_KNOWN = ("jupyterhub.", "oauthenticator.")
# traits without which a class rejects every login
_NEEDED = (("CILogonOAuthenticator", "idps"),)
# for example Google's hosted_domain
_BLOCKED = "the authenticator rejects the name or its domain"


def decide(user: str, groups: Sequence[str] = ()) -> dict[str, Any]:
    """Answer whether `user`, who is in `groups` at the provider, may log in, and name the rules.

    Return {name, allowed, admin, allowed_by, admin_by, why, class}. `allowed` is null if the
    authenticator could not be asked; `why` is the reason.
    """
    found = load_config.load()
    if found.problems:
        return {"allowed": None, "why": "the values have mistakes; run `z2jh check`"}
    if found.raised:
        return {"allowed": None, "why": f"{found.raised['type']}: {found.raised['message']}"}
    try:
        cls = trait_checks.chosen(found.config, "authenticator_class")
    except Exception as error:
        return {"allowed": None, "why": f"no authenticator: {error}"}
    if is_stand_in(cls):
        return {"allowed": None, "why": f"{cls.__name__} is not installed here"}
    interview = Interview(cls, found.config)
    outcome = interview.outcome(user, groups)
    rules = [r for r in interview.rules() if interview.outcome(user, groups, only=r)["allowed"]]
    admin_rules = [
        r for r in interview.rules("admin") if interview.outcome(user, groups, only=r)["admin"]
    ]
    if _admin_role(found.config, user, groups):
        outcome["admin"] = True
        admin_rules.append("JupyterHub.load_roles")
    return {**outcome, "allowed_by": rules if outcome["allowed"] else [],
            "admin_by": admin_rules if outcome["admin"] else [], "class": cls.__name__}  # fmt: skip


def survey(found: load_config.Loaded) -> dict[str, Any] | None:
    """Describe the authenticator without a user; return None if it cannot be asked.

    {class, bases, rules, known, unset, everybody, traits, admins, changed}
    """
    try:
        cls = trait_checks.chosen(found.config, "authenticator_class")
        return None if is_stand_in(cls) else _survey(Interview(cls, found.config))
    except Exception:
        return None  # reported by `dry_start`


def _survey(interview: Interview) -> dict[str, Any]:
    cls, authenticator = interview.cls, interview.made()
    admins = sorted(interview.given("admin_users"))
    return {
        "class": cls.__name__,
        "bases": [base.__name__ for base in cls.__mro__],
        "rules": interview.rules("allow"),
        "known": cls.__module__.startswith(_KNOWN) and not authenticator.post_auth_hook,
        "unset": list(unset_traits(authenticator)),
        "everybody": bool(interview.outcome("z2jh-somebody", ())["allowed"]),
        "traits": {
            name: bool(getattr(authenticator, name, None))
            for name in ("password", "hosted_domain", "identity_provider", "any_allow_config")
        },
        "provider": str(getattr(authenticator, "authorize_url", "")),
        "admins": [name for name in admins if interview.outcome(name, ())["allowed"] is False],
        "changed": [
            [trait, name, interview.known_as(name)]
            for trait in USER_NAMES
            for name in sorted(interview.given(trait))
            if interview.known_as(name) != name
        ],
    }


def _admin_role(config: Any, user: str, groups: Sequence[str]) -> bool:
    roles = config.JupyterHub.get("load_roles")
    return any(
        role.get("name") == "admin"
        and (user in role.get("users", ()) or set(groups) & set(role.get("groups", ())))
        for role in (roles if isinstance(roles, list) else ())
        if isinstance(role, dict)
    )


class Interview:
    """An authenticator class; each question gets a new instance, as rules change others."""

    def __init__(self, cls: Any, config: Any):
        self.cls, self.config = cls, config

    def made(self, only: str = "") -> Any:
        """Return the authenticator as after the hub start, or with only one of its rules."""
        authenticator = self.cls(config=self.config)
        self._normalise(authenticator)
        if only:
            for rule in self._truthy(authenticator, "allow", "admin"):
                if rule != only:
                    kind = type(getattr(authenticator, rule))
                    setattr(authenticator, rule, None if kind.__name__ == "function" else kind())
        return authenticator

    @staticmethod
    def _normalise(authenticator: Any) -> None:
        """Normalize names of users as `JupyterHub.init_users` does."""
        for trait in CREATED_USERS:
            names = map(authenticator.normalize_username, getattr(authenticator, trait))
            setattr(authenticator, trait, set(names))
        if authenticator.allowed_users:
            authenticator.allowed_users |= authenticator.admin_users

    def rules(self, *prefixes: str) -> list[str]:
        """Return the traits that are set and allow users to log in or make them admins."""
        return self._truthy(self.made(), *(prefixes or ("allow", "admin")))

    @staticmethod
    def _truthy(authenticator: Any, *prefixes: str) -> list[str]:
        # a deprecated name passes its value on to the current one
        old_names = getattr(authenticator, "_deprecated_oauth_aliases", {})
        names = [
            name
            for name, trait in authenticator.traits(config=True).items()
            if name not in old_names
            and (
                name.startswith(prefixes)
                or ("allow" in prefixes and trait.metadata.get("allow_config"))
            )
        ]
        return [name for name in sorted(names) if getattr(authenticator, name)]

    def given(self, trait: str) -> set[str]:
        """Return the names in a trait, not normalized."""
        return set(getattr(self.cls(config=self.config), trait))

    def known_as(self, name: str) -> str:
        """Return the hub's name of the user whom the provider calls `name`."""
        authenticator = self.cls(config=self.config)
        # for a name without a domain, the answer of the provider is unknown
        if "@" in name and hasattr(authenticator, "user_info_to_username"):
            try:
                name = authenticator.user_info_to_username(_info(authenticator, name, ()))
            except Exception:
                return name
        return str(authenticator.normalize_username(name))

    def outcome(self, user: str, groups: Sequence[str], only: str = "") -> dict[str, Any]:
        """Return {name, allowed, admin, why}."""
        return asyncio.run(self._outcome(user, groups, only))

    async def _outcome(self, user: str, groups: Sequence[str], only: str) -> dict[str, Any]:
        authenticator = self.made(only)
        name = authenticator.normalize_username(user)
        unset = next(unset_traits(authenticator), "")
        if unset:
            why = f"nobody can log in, because {unset} is not set"
            return {"name": name, "allowed": False, "admin": False, "why": why}
        denied: dict[str, Any] = {"name": name, "allowed": False, "admin": False, "why": ""}
        try:
            if not authenticator.validate_username(name):
                return {**denied, "why": "username_pattern does not match the name"}
            model = _model(authenticator, name, groups)
            if not await _settled(authenticator.check_blocked_users(name, model)):
                why = (
                    "blocked_users contains the name"
                    if name in authenticator.blocked_users
                    else _BLOCKED
                )
                return {**denied, "why": why}
            allowed = authenticator.allow_all or await _settled(
                authenticator.check_allowed(name, model)
            )
            admin = model["admin"]
            if admin is None:
                admin = await _settled(authenticator.is_admin(None, model))
        except Exception as error:
            refused = getattr(error, "status_code", None) == 403
            why = getattr(error, "log_message", None) or f"{type(error).__name__}: {error}"
            return {**denied, "allowed": False if refused else None, "why": why}
        why = "" if allowed else "no rule allows this user"
        return {**denied, "allowed": bool(allowed), "admin": bool(admin), "why": why}


def unset_traits(authenticator: Any) -> Iterator[str]:
    """Yield the unset traits (`Class.name`) without which nobody can log in."""
    for cls in type(authenticator).__mro__:
        for name, trait in _NEEDED:
            if cls.__name__ == name and not getattr(authenticator, trait, None):
                yield f"{name}.{trait}"


async def _settled(answer: Any) -> Any:
    return await answer if inspect.isawaitable(answer) else answer


def auth_state(authenticator: Any, name: str, groups: Sequence[str]) -> dict[str, Any] | None:
    """Return the `auth_state` of a login."""
    state: dict[str, Any] | None = _model(authenticator, name, groups)["auth_state"]
    return state


def _model(authenticator: Any, name: str, groups: Sequence[str]) -> dict[str, Any]:
    """Return the authentication model for the answer of the provider."""
    model: dict[str, Any] = {"name": name, "admin": None, "auth_state": None}
    _simulate_provider(authenticator, groups)
    if not hasattr(authenticator, "user_auth_state_key"):
        return model | ({"groups": list(groups)} if authenticator.manage_groups else {})
    tokens = {"access_token": "-", "token_type": "Bearer"}
    model["auth_state"] = {
        **tokens,
        "scope": list(getattr(authenticator, "scope", ())),
        "token_response": tokens,
        authenticator.user_auth_state_key: _info(authenticator, name, groups),
    }
    model["admin"] = True if name in authenticator.admin_users else None
    if authenticator.manage_groups:
        model["groups"] = sorted(groups)
        if authenticator.admin_groups and not model["admin"]:
            model["admin"] = bool(set(groups) & set(authenticator.admin_groups))
    for trait, value in _admin_traits(authenticator):
        if value & set(groups) and not model["admin"]:
            model["admin"] = trait.startswith("admin_")
    return model


def _admin_traits(authenticator: Any) -> Iterator[tuple[str, set[str]]]:
    """Yield the groups in Google's `admin_google_groups`, of any domain."""
    given = getattr(authenticator, "admin_google_groups", None)
    for groups in given.values() if isinstance(given, dict) else ():
        yield "admin_google_groups", set(groups)


def _info(authenticator: Any, name: str, groups: Sequence[str]) -> dict[str, Any]:
    """Return user information under the keys of all providers."""
    domains = list(getattr(authenticator, "hosted_domain", None) or ())
    for table in (getattr(authenticator, trait, None) for trait in
                  ("allowed_google_groups", "admin_google_groups")):  # fmt: skip
        domains += list(table or ())
    domain = name.partition("@")[2] or (domains[0] if domains else "example.org")
    email = name if "@" in name else f"{name}@{domain}"
    info: dict[str, Any] = {
        "email": email, "domain": domain, "hd": domain, "verified_email": True,
        "email_verified": True, "google_groups": list(groups), "groups": list(groups),
        "id": 0, "login": name, "username": name, "name": name, "preferred_username": name,
        "sub": name, "upn": email, "eppn": email, "primary_email": email,
    }  # fmt: skip
    claim = getattr(authenticator, "username_claim", None)
    if isinstance(claim, str) and claim and claim not in ("email",):
        info[claim] = name
    return info


def _simulate_provider(authenticator: Any, groups: Sequence[str]) -> None:
    """Simulate the provider's answers about membership in organizations and groups."""

    async def in_organisation(org: str, *_: Any) -> bool:
        return org in groups

    async def in_groups(*_: Any) -> bool:
        return bool(set(authenticator.allowed_gitlab_groups) & set(groups))

    async def in_projects(*_: Any) -> bool:
        return False

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
