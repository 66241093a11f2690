"""Who gets in: nobody, everybody, an admin who does not, names that the hub writes otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ... import sandbox
from ...config.errors import MISSING, Path, Problem
from ...config.values import Values
from .. import run_checks

# providers at which anybody can have an account, by what their address begins with
PUBLIC = {
    "GitHubOAuthenticator": "https://github.com/",
    "GitLabOAuthenticator": "https://gitlab.com/",
    "GoogleOAuthenticator": "https://accounts.google.com/",
    "BitbucketOAuthenticator": "https://bitbucket.org/",
    "GlobusOAuthenticator": "https://auth.globus.org/",
    "MWOAuthenticator": "",
}
# what narrows a public provider down
_NARROWED = ("hosted_domain", "identity_provider")


def executed(values: Values, *, run_anyway: bool = False) -> Iterator[Problem]:
    """Asked of the authenticator itself; nothing where it cannot be asked."""
    try:
        survey = run_checks.answer(values, run_anyway=run_anyway)["access"]
    except sandbox.Stopped:
        return
    if survey is None:
        return
    for trait in survey["unset"]:
        yield _problem(
            values, survey, "", f"nobody can log in: {trait} is not set",
            expected=f"hub.config.{trait}", severity="error", rule="nobody-allowed",
        )  # fmt: skip
    if survey["unset"]:
        return
    yield from _of_nobody(values, survey)
    yield from _of_everybody(values, survey)
    for name in survey["admins"] if survey["rules"] else ():
        yield _problem(
            values, survey, "admin_users", f"{name} is to be admin, but may not log in",
            given=name, expected="a rule that lets this name in too",
            hint="add the name to allowed_users", rule="admin-not-allowed",
        )  # fmt: skip
    for trait, name, known in survey["changed"]:
        blocked = trait == "blocked_users"
        yield _problem(
            values, survey, trait,
            f"the hub knows {name} as {known}" + (": the name is not blocked" if blocked else ""),
            given=name, expected=f"the name as the hub has it, {known}", rule="name-normalised",
            severity="warning" if blocked or known.lower() != name.lower() else "note",
        )  # fmt: skip


def _of_nobody(values: Values, survey: dict[str, Any]) -> Iterator[Problem]:
    loose = survey["traits"]["any_allow_config"]
    if survey["rules"] or loose or not survey["known"] or survey["class"] == "NullAuthenticator":
        return
    yield _problem(
        values, survey, "allowed_users",
        "no rule lets anybody log in" + (" but the admins" if _admins(values) else ""),
        given=MISSING, expected="allow_all: true, allowed_users, or another allow rule of "
        + survey["class"],
        hint="JupyterHub lets in nobody by default since version 5", rule="nobody-allowed",
    )  # fmt: skip


def _admins(values: Values) -> bool:
    given = values.get("hub.config")
    return any("admin_users" in traits for traits in (given or {}).values() if traits)


def _of_everybody(values: Values, survey: dict[str, Any]) -> Iterator[Problem]:
    traits, bases = survey["traits"], survey["bases"]
    if not survey["everybody"]:
        return
    if "DummyAuthenticator" in bases:
        if not traits["password"]:
            yield _problem(
                values, survey, "allow_all",
                "anybody gets in, under any name, without a password",
                given=MISSING, expected="an authenticator that asks who it is",
                hint="DummyAuthenticator is for trying things out", rule="everybody-allowed",
            )  # fmt: skip
        return
    public = next((PUBLIC[base] for base in bases if base in PUBLIC), None)
    if (
        public is not None
        and survey["provider"].startswith(public)
        and not any(traits[name] for name in _NARROWED)
    ):
        yield _problem(
            values, survey, "allow_all",
            f"anybody with an account at {public or 'the provider'} gets in",
            expected="allowed_users, or a rule by organisation or group", rule="everybody-allowed",
        )  # fmt: skip


def _problem(
    values: Values, survey: dict[str, Any], trait: str, message: str, **details: Any
) -> Problem:
    """At the trait, where a class of the authenticator's has it, else at the choice of it."""
    path: Path = ("hub", "config", "JupyterHub", "authenticator_class")
    for name in survey["bases"]:
        if values.has(("hub", "config", name, trait)):
            path = ("hub", "config", name, trait)
            break
    return values.problem(path, message, **{"severity": "warning", **details})
