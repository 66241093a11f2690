"""Report authenticators that lack a setting which their own rules need."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ...config.errors import MISSING, Path, Problem
from ...config.values import Values
from .. import queries

Settings = Mapping[str, Any]
_GOOGLE_GROUPS = ("allowed_google_groups", "admin_google_groups")
_ORGANIZATIONS = ("allowed_organizations", "populate_teams_in_auth_state")
_ORG_SCOPES = ("read:org", "write:org", "admin:org")


@dataclass(frozen=True)
class Need:
    """What one of `rules` of a class needs; without rules, what each log-in needs."""

    rules: tuple[str, ...]
    is_met: Callable[[Settings], bool]
    message: str
    expected: str
    severity: Literal["error", "warning"] = "error"
    #: only where `authenticator_class` is the class itself, not one that has its settings
    chosen: bool = False


def _has(*traits: str) -> Callable[[Settings], bool]:
    return lambda settings: all(settings.get(trait) for trait in traits)


NEEDS: dict[str, tuple[Need, ...]] = {
    "GenericOAuthenticator": (
        Need(
            (),
            _has("authorize_url", "token_url"),
            "the addresses of the provider are missing, so nobody can log in",
            "authorize_url and token_url, as the provider documents them",
            chosen=True,
        ),
        Need(
            (),
            lambda settings: bool(
                settings.get("userdata_url") or settings.get("userdata_from_id_token")
            ),
            "the hub does not know where to ask who a user is, so every log-in fails",
            "userdata_url, or userdata_from_id_token: true",
            chosen=True,
        ),
    ),
    "GitHubOAuthenticator": (
        Need(
            _ORGANIZATIONS,
            lambda settings: any(
                scope in _ORG_SCOPES for scope in queries.as_list(settings.get("scope"))
            ),
            "without the scope read:org, the hub does not see who is a private member, so only "
            "public members can log in",
            "scope: [read:org]",
            "warning",
        ),
    ),
    "GoogleOAuthenticator": (
        Need(
            _GOOGLE_GROUPS,
            _has("gsuite_administrator", "google_service_account_keys"),
            "the hub cannot ask Google for the groups of a user, so every log-in fails",
            "gsuite_administrator and google_service_account_keys, by domain",
        ),
    ),
    "LDAPAuthenticator": (
        Need(
            (),
            lambda settings: bool(settings.get("bind_dn_template") or settings.get("lookup_dn")),
            "the hub does not know under which name to ask the directory, so nobody can log in",
            "bind_dn_template, such as ['uid={username},ou=people,dc=example,dc=org'], or "
            "lookup_dn: true",
        ),
        Need((), _has("server_address"), "the address of the directory is missing, so nobody can "
             "log in", "server_address: the host name of the LDAP server"),
    ),
}  # fmt: skip


def _from_environment(values: Values) -> bool:
    """Return whether OAuthenticator may read addresses from variables of the hub."""
    names = str(values.get("hub.extraEnv") or "")
    return "OAUTH2_" in names or "OAUTH_" in names


def findings(values: Values) -> Iterator[Problem]:
    """Yield needs that are not met; traits that Python sets are not known."""
    code = queries.code(values)
    for name, needs in NEEDS.items():
        path: Path = ("hub", "config", name)
        own = queries.mapping(values, path)
        if not own or name in code or values.get("hub.existingSecret") or _from_environment(values):
            continue
        settings = {**queries.mapping(values, "hub.config.OAuthenticator"), **own}
        for need in needs:
            if need.chosen and not queries.is_only_login(values, name):
                continue
            rule = next((rule for rule in need.rules if settings.get(rule)), "")
            if (rule or not need.rules) and not need.is_met(settings):
                yield values.problem(
                    (*path, rule) if rule and rule in own else path,
                    need.message, given=MISSING, expected=need.expected,
                    severity=need.severity, rule="login-need",
                )  # fmt: skip
