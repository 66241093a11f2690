"""Report who may log in: nobody, everybody, not an admin, or names that the hub normalizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ... import sandbox
from ...config.errors import MISSING, Path, Problem
from ...config.values import Values
from .. import queries, run_checks

# providers where anyone can create an account, with the start of their URL
PUBLIC = {
    "GitHubOAuthenticator": "https://github.com/",
    "GitLabOAuthenticator": "https://gitlab.com/",
    "GoogleOAuthenticator": "https://accounts.google.com/",
    "BitbucketOAuthenticator": "https://bitbucket.org/",
    "GlobusOAuthenticator": "https://auth.globus.org/",
    "MWOAuthenticator": "",
}
# traits that restrict a public provider
_NARROWED = ("hosted_domain", "identity_provider")

# traits of OAuthenticator → the environment variable that is their default
_VARIABLES = {"AzureAdOAuthenticator.tenant_id": "AAD_TENANT_ID"}


def executed(values: Values, *, run_anyway: bool = False) -> Iterator[Problem]:
    """Report what the authenticator itself answers; nothing if it cannot be run."""
    try:
        survey = run_checks.answer(values, run_anyway=run_anyway)["access"]
    except sandbox.Stopped:
        return
    if survey is None:
        return
    unset = [trait for trait in survey["unset"] if not _is_in_environment(values, trait)]
    for trait in unset:
        yield _problem(
            values, survey, "", f"nobody can log in, because {trait} is not set",
            expected=f"hub.config.{trait}", severity="error", rule="nobody-allowed",
        )  # fmt: skip
    if unset:
        return
    yield from _nobody(values, survey)
    yield from _everybody(values, survey)
    for name in survey["admins"] if survey["rules"] else ():
        yield _problem(
            values, survey, "admin_users", f"{name} is listed as an admin but may not log in",
            given=name, expected="a rule that allows this user, too",
            hint="add the name to allowed_users", rule="admin-not-allowed",
        )  # fmt: skip
    for trait, name, known in survey["changed"]:
        blocked = trait == "blocked_users"
        yield _problem(
            values, survey, trait,
            f"the hub normalizes {name} to {known}"
            + (", so this entry blocks nobody" if blocked else ""),
            given=name, expected=f"the normalized name, {known}", rule="name-normalised",
            severity="warning" if blocked or known.lower() != name.lower() else "note",
        )  # fmt: skip


def _is_in_environment(values: Values, trait: str) -> bool:
    """Return whether the hub's pod may have the variable that is the default of a trait."""
    variable = _VARIABLES.get(trait, "")
    return variable in queries.mapping(values, "hub.extraEnv") or (
        bool(variable) and bool(values.get("hub.existingSecret"))
    )


def _nobody(values: Values, survey: dict[str, Any]) -> Iterator[Problem]:
    loose = survey["traits"]["any_allow_config"]
    if survey["rules"] or loose or not survey["known"] or survey["class"] == "NullAuthenticator":
        return
    yield _problem(
        values, survey, "allowed_users",
        "no rule allows anyone to log in" + (", except the admins" if _admins(values) else ""),
        given=MISSING, expected="allow_all: true, allowed_users, or another allow rule of "
        + survey["class"],
        hint="since version 5, JupyterHub allows nobody by default", rule="nobody-allowed",
    )  # fmt: skip


def _admins(values: Values) -> bool:
    config = values.get("hub.config")
    return any("admin_users" in traits for traits in (config or {}).values() if traits)


def _everybody(values: Values, survey: dict[str, Any]) -> Iterator[Problem]:
    traits, bases = survey["traits"], survey["bases"]
    if not survey["everybody"]:
        return
    if "DummyAuthenticator" in bases:
        if not traits["password"]:
            yield _problem(
                values, survey, "allow_all",
                "anyone can log in under any name without a password",
                given=MISSING, expected="an authenticator that verifies users",
                hint="use DummyAuthenticator only for testing", rule="everybody-allowed",
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
            f"anyone with an account at {public or 'the provider'} can log in"
            + _without_effect(values, survey["bases"]),
            expected="allowed_users, or a rule for an organization or a group",
            rule="everybody-allowed",
        )  # fmt: skip


def _without_effect(values: Values, bases: list[str]) -> str:
    """Return the rules that allow_all makes pointless, as the end of a sentence."""
    given = [queries.mapping(values, ("hub", "config", base)) for base in bases]
    rules = sorted({rule for traits in given for rule, value in traits.items()
                    if rule.startswith("allowed_") and value})  # fmt: skip
    return f", so {' and '.join(rules)} restricts nobody" if rules else ""


def _problem(
    values: Values, survey: dict[str, Any], trait: str, message: str, **details: Any
) -> Problem:
    """Return a problem at the trait if the values set it, else at `authenticator_class`."""
    path: Path = ("hub", "config", "JupyterHub", "authenticator_class")
    for name in survey["bases"]:
        if values.has(("hub", "config", name, trait)):
            path = ("hub", "config", name, trait)
            break
    return values.problem(path, message, **{"severity": "warning", **details})
