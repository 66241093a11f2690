"""Report a `CILogonOAuthenticator` without `idps`, which rejects every login."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import Problem

if TYPE_CHECKING:
    from ..values import Values

CHOICE = "hub.config.JupyterHub.authenticator_class"
NAMES = ("cilogon", "cilogonoauthenticator")
# the trait, and its name before oauthenticator 17.4
TRAITS = ("idps", "allowed_idps")


def problems(values: Values) -> Iterator[Problem]:
    """Report a warning; `z2jh check` makes it an error."""
    chosen = values.get(CHOICE)
    if not isinstance(chosen, str) or chosen.rpartition(".")[2].lower() not in NAMES:
        return
    traits = values.get("hub.config.CILogonOAuthenticator")
    if isinstance(traits, dict) and any(traits.get(trait) for trait in TRAITS):
        return
    if values.config_files() or "idps" in str(values.get("hub.extraConfig")):
        return
    yield values.problem(
        CHOICE,
        "nobody can log in, because CILogonOAuthenticator.idps is not set",
        expected="hub.config.CILogonOAuthenticator.idps: identity providers by their EntityID",
        hint="https://cilogon.org/idplist/ lists the EntityIDs; each needs `username_derivation`",
        severity="warning",
        rule="nobody-allowed",
    )
