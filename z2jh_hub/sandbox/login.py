"""Ask the authenticator who may log in, with a simulated login provider."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator, Sequence
from typing import Any

from ..config.login_traits import CREATED_USERS, USER_NAMES
from . import load_config, provider, trait_checks
from .stand_ins import is_stand_in

# modules whose authenticators decide only by their traits
_KNOWN = ("jupyterhub.", "oauthenticator.")
# traits without which a class rejects every login
_NEEDED = (
    ("CILogonOAuthenticator", "idps"),
    ("AzureAdOAuthenticator", "tenant_id"),
)
# rules that are not about groups
_NOT_GROUPS = (*USER_NAMES, "allowed_scopes", "allowed_idps")
# for example Google's hosted_domain
_BLOCKED = "the authenticator rejects the name or its domain"


def survey(loaded: load_config.Loaded) -> dict[str, Any] | None:
    """Describe the authenticator without a user; return None if it cannot be asked.

    {class, bases, rules, known, unset, everybody, traits, admins, changed}
    """
    try:
        cls = trait_checks.chosen(loaded.config, "authenticator_class")
        return None if is_stand_in(cls) else _survey(Interview(cls, loaded.config))
    except Exception:
        return None  # reported by `dry_start`


def _survey(interview: Interview) -> dict[str, Any]:
    cls, authenticator = interview.cls, interview.made()
    admins = sorted(interview.given("admin_users"))
    return {
        "class": cls.__name__,
        "bases": [base.__name__ for base in cls.__mro__],
        "rules": [*interview.rules("allow"), *interview.provider_rules()],
        "known": cls.__module__.startswith(_KNOWN) and not authenticator.post_auth_hook,
        "unset": list(unset_traits(authenticator)),
        "everybody": bool(interview.outcome("z2jh-somebody", ())["allowed"]),
        "traits": {
            name: bool(getattr(authenticator, name, None))
            for name in ("password", "hosted_domain", "identity_provider", "any_allow_config")
        },
        "provider": str(getattr(authenticator, "authorize_url", "")),
        # of a name that the hub changes, the next part is reported
        "admins": [
            name
            for name in admins
            if interview.known_as(name).lower() == name.lower()
            and interview.outcome(name, ())["allowed"] is False
        ],
        "changed": [
            [trait, name, interview.known_as(name)]
            for trait in USER_NAMES
            for name in sorted(interview.given(trait))
            if interview.known_as(name) != name
        ],
    }


class Interview:
    """An authenticator class; each question gets a new instance, as rules change others."""

    def __init__(self, cls: Any, config: Any):
        self.cls, self.config = cls, config
        admins = config.JupyterHub.get("admin_users")
        of_class = cls(config=config).admin_users
        # the deprecated trait, which JupyterHub uses if the current one is not set
        self.hub_admins = set(admins) if isinstance(admins, (list, set)) and not of_class else set()

    def made(self, only: str = "") -> Any:
        """Return the authenticator as after the hub start, or with only one of its rules."""
        authenticator = self._plain()
        self._normalise(authenticator)
        if only:
            for rule in self._truthy(authenticator, "allow", "admin"):
                if rule != only:
                    kind = type(getattr(authenticator, rule))
                    setattr(authenticator, rule, None if kind.__name__ == "function" else kind())
        return authenticator

    def _plain(self) -> Any:
        authenticator = self.cls(config=self.config)
        if self.hub_admins:
            authenticator.admin_users = self.hub_admins
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

    def provider_rules(self) -> list[str]:
        """Return `idps` if one of CILogon's identity providers has a rule that allows users."""
        idps = getattr(self.made(), "idps", None) or {}
        keys = ("allow_all", "allowed_domains")
        return ["idps"] if any(entry.get(key) for entry in idps.values() for key in keys) else []

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
        return set(getattr(self._plain(), trait))

    def groups(self) -> set[str]:
        """Return the organizations, teams and groups that the rules name."""
        authenticator, loaded = self.made(), set()
        for rule in self.rules():
            value = getattr(authenticator, rule)
            parts = value.values() if isinstance(value, dict) else [value]
            if rule not in _NOT_GROUPS:
                loaded |= {str(n) for p in parts if isinstance(p, (set, list, tuple)) for n in p}
        return loaded

    def shown(self, rule: str) -> str:
        """Return a rule under the name by which it is configured."""
        return f"JupyterHub.{rule}" if rule == "admin_users" and self.hub_admins else rule

    def known_as(self, name: str) -> str:
        """Return the hub's name of the user whom the provider calls `name`."""
        authenticator = self.cls(config=self.config)
        # for a name without a domain, the answer of the provider is unknown
        if "@" in name and hasattr(authenticator, "user_info_to_username"):
            try:
                name = authenticator.user_info_to_username(
                    provider.user_info(authenticator, name, ())
                )
            except Exception:
                return name
        return str(authenticator.normalize_username(name))

    def outcome(self, user: str, groups: Sequence[str], only: str = "") -> dict[str, Any]:
        """Return {name, allowed, admin, why}."""
        return asyncio.run(self._outcome(user, groups, only))

    async def _outcome(self, user: str, groups: Sequence[str], only: str) -> dict[str, Any]:
        authenticator = self.made(only)
        name = self.known_as(user)
        unset = next(unset_traits(authenticator), "")
        if unset:
            why = f"nobody can log in, because {unset} is not set"
            return {"name": name, "allowed": False, "admin": False, "why": why}
        denied: dict[str, Any] = {"name": name, "allowed": False, "admin": False, "why": ""}
        try:
            if not authenticator.validate_username(name):
                return {**denied, "why": "username_pattern does not match the name"}
            account = user if "@" in user else name
            model = provider.model(authenticator, name, groups, account)
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
            if allowed and authenticator.post_auth_hook:
                model = await authenticator.run_post_auth_hook(None, {**model, "admin": admin})
                if not model:
                    return {**denied, "why": "post_auth_hook refuses this user"}
                name, admin = model["name"], model["admin"]
        except Exception as error:
            refused = getattr(error, "status_code", None) == 403
            why = getattr(error, "log_message", None) or f"{type(error).__name__}: {error}"
            return {**denied, "allowed": False if refused else None, "why": why}
        why = "" if allowed else "no rule allows this user"
        return {"name": name, "allowed": bool(allowed), "admin": bool(admin), "why": why}


def unset_traits(authenticator: Any) -> Iterator[str]:
    """Yield the unset traits (`Class.name`) without which nobody can log in."""
    for cls in type(authenticator).__mro__:
        for name, trait in _NEEDED:
            if cls.__name__ == name and not getattr(authenticator, trait, None):
                yield f"{name}.{trait}"


async def _settled(answer: Any) -> Any:
    return await answer if inspect.isawaitable(answer) else answer
