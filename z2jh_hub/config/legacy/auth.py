"""The deprecated `auth.*`: the authenticator, its traits, and who may log in.

The same users may log in as before. JupyterHub's rules have changed in two ways (see
docs/decisions/2026-11-25-legacy-auth.md): since JupyterHub 5 a user needs a rule that allows the
login, and one of several rules is enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..errors import MISSING, Path
from ..key_paths import find
from .auth_types import GONE, TYPES, AuthType
from .rewriting import Rewriting

CONFIG = ("hub", "config")
CLASS = "hub.config.JupyterHub.authenticator_class"


# traits of a class that allow groups of users
CLASS_RULES = (
    "allowed_gitlab_groups",
    "allowed_google_groups",
    "allowed_groups",
    "allowed_organizations",
    "allowed_project_ids",
    "allowed_teams",
)

BOTH_LISTS = "00-allowed-users-only"
BOTH_LISTS_CODE = """\
# With `auth.whitelist`, a user had to be in every list; for JupyterHub 5, one list is enough.
def refuse_unlisted(authenticator, handler, user):
    if user["name"] not in authenticator.allowed_users | authenticator.admin_users:
        from tornado.web import HTTPError

        raise HTTPError(403, "You are not in the list of users of this JupyterHub.")
    return user


c.Authenticator.post_auth_hook = refuse_unlisted
"""


def rewrite(r: Rewriting) -> None:
    """Translate `auth.*`, except for the renamed keys in `table`."""
    section = r.get("auth")
    if section in (MISSING, None):
        return
    if not isinstance(section, dict):
        r.report("auth", "not a mapping", severity="error", given=section,
              expected="a mapping such as {type: github}")  # fmt: skip
        return
    kind = r.take("auth.type")
    if kind is MISSING:
        chosen = TYPES["dummy"]
    elif kind == "custom":
        chosen = _custom(r)
    elif isinstance(kind, str) and kind in TYPES:
        chosen = TYPES[kind]
        _authenticator_class(r, chosen)
    else:
        _unknown_type(r, kind)
        return
    if kind == "cilogon":
        _cilogon(r)
    for name, auth_type in TYPES.items():
        _traits(r, name, auth_type)
    scopes = r.take("auth.scopes")
    if scopes is not MISSING:
        _put(r, (chosen.class_name if chosen.is_oauth else "OAuthenticator", "scope"),
             scopes, "auth.scopes")  # fmt: skip
    key = r.take("auth.state.cryptoKey")
    if key is not MISSING:
        keys = key.split(";") if isinstance(key, str) else key
        _put(r, ("CryptKeeper", "keys"), keys, "auth.state.cryptoKey")
    if kind is not MISSING:
        _allowed(r, chosen)
        _environment(r)


def report_unknown_keys(r: Rewriting) -> None:
    """Report the keys below `auth` that have not been translated."""
    section = r.get("auth")
    for path in r.leaves("auth") if isinstance(section, dict) and not r.failed else ():
        if r.get(path) is None:
            continue  # removes the key of an earlier file
        r.report(path, "unknown key; it has no effect", rule="unknown-key")


def _unknown_type(r: Rewriting, kind: Any) -> None:
    message = GONE.get(kind) if isinstance(kind, str) else None
    r.report(
        "auth.type",
        message or "unknown authenticator",
        severity="error",
        given=kind,
        expected=f"one of {', '.join(sorted((*TYPES, 'custom')))}",
        hint="for other OAuth 2 providers, use custom and GenericOAuthenticator" if message else "",
    )


def _authenticator_class(r: Rewriting, chosen: AuthType) -> None:
    present = r.explicit(CLASS)
    name = chosen.authenticator_class
    r.deprecated("auth.type", CLASS)
    same = (name, chosen.class_name)
    if isinstance(present, str) and present.rpartition(".")[2] in same:
        return
    r.put(CLASS, name, "auth.type")


def _custom(r: Rewriting) -> AuthType:
    """Translate `auth.custom`: any class, and its traits."""
    path = r.take("auth.custom.className")
    traits = r.take("auth.custom.config")
    if not isinstance(path, str):
        r.report(
            "auth.custom.className",
            "missing; auth.type: custom requires it",
            severity="error",
            given=path,
            expected="a class such as oauthenticator.generic.GenericOAuthenticator",
        )
        path = ""
    chosen = AuthType(path, path.rpartition(".")[2], is_oauth="OAuthenticator" in path)
    if path:
        _authenticator_class(r, chosen)
    if traits is not MISSING and path:
        new = (*CONFIG, chosen.class_name)
        r.deprecated("auth.custom.config", new)
        r.put(new, traits, "auth.custom.config")
    return chosen


def _cilogon(r: Rewriting) -> None:
    """Move CILogon's credentials from `auth.github`, where the 2018 guide had them."""
    for key in ("clientId", "clientSecret", "callbackUrl"):
        if r.get(f"auth.cilogon.{key}") is MISSING:
            value = r.take(f"auth.github.{key}")
            if value is not MISSING:
                _put(r, ("CILogonOAuthenticator", TYPES["cilogon"].traits.get(key, _snake(key))),
                     value, f"auth.github.{key}")  # fmt: skip


def _traits(r: Rewriting, name: str, auth_type: AuthType) -> None:
    """Translate `auth.<type>.*`, even if `auth.type` selects another type."""
    section = r.get(("auth", name))
    if not isinstance(section, dict):
        r.take(("auth", name))
        return
    for path in list(_entries(section, auth_type.traits)):
        old = ("auth", name, *path)
        value = r.take(old)
        if value is MISSING:
            continue
        trait = auth_type.traits.get(".".join(path), _snake("_".join(path)))
        if trait == "hosted_domain" and isinstance(value, str):
            value = [value] if value else []
        _put(r, (auth_type.class_name, trait), value, old)


def _entries(section: dict[str, Any], traits: dict[str, str], path: Path = ()) -> Iterator[Path]:
    """Yield the keys that are traits, including nested keys that `traits` contains."""
    for key, value in section.items():
        here = (*path, key)
        if isinstance(value, dict) and any(t.startswith(".".join(here) + ".") for t in traits):
            yield from _entries(value, traits, here)
        else:
            yield here


def _put(r: Rewriting, trait: Path, value: Any, old: str | Path) -> None:
    new = (*CONFIG, *trait)
    r.deprecated(old, new)
    r.put(new, value, old)


def _snake(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()


def _allowed(r: Rewriting, chosen: AuthType) -> None:
    """Keep who may log in: everyone without a list, and users in both of two lists."""
    if chosen.authenticator_class == "null":
        return
    config = r.get(CONFIG)
    users = r.get("auth.whitelist.users") or []
    rules = {
        (class_name, trait)
        for class_name, traits in (config if isinstance(config, dict) else {}).items()
        for trait, value in (traits if isinstance(traits, dict) else {}).items()
        if trait == "allow_all" or (trait.startswith("allowed_") and value)
    }
    if users in ([], MISSING):
        if not rules and find(config, ("CILogonOAuthenticator", "idps")) is MISSING:
            r.imply("hub.config.Authenticator.allow_all", True, "auth.type")
        return
    if chosen.is_oauth:
        # as JupyterHub's own authenticators do if there is a list
        r.imply("hub.config.Authenticator.allow_existing_users", True, "auth.whitelist.users")
    both = sorted(t for c, t in rules if c == chosen.class_name and t in CLASS_RULES)
    if both:
        r.imply(("hub", "extraConfig", BOTH_LISTS), BOTH_LISTS_CODE, "auth.whitelist.users")
        r.report(
            "auth.whitelist",
            f"`{both[0]}` is also set; a listed user no longer has to be a member too",
            given=users,
            hint="list only users who may log in; a member who is not listed cannot log in",
        )


def _environment(r: Rewriting) -> None:
    """Set the user's name and email address for git, as the charts up to 0.11 did."""
    domains = r.get("hub.config.GoogleOAuthenticator.hosted_domain")
    is_google = r.get(CLASS) in (TYPES["google"].authenticator_class, "GoogleOAuthenticator")
    name = "{unescaped_username}"
    if not is_google:
        email = f"{name}@local"
    elif isinstance(domains, list) and len(domains) == 1:
        email = f"{name}@{domains[0]}"
    else:
        email = name  # the name is an email address
    for variable, value in (
        ("EMAIL", email), ("GIT_AUTHOR_NAME", name), ("GIT_COMMITTER_NAME", name)
    ):  # fmt: skip
        r.imply(("singleuser", "extraEnv", variable), value, "auth.type")
