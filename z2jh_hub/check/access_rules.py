"""Names of the traits that decide who gets in, and names that are close to one.

A trait that its class does not have is without effect. That is an error only for these: the
administrator believes in a rule that nothing enforces.
"""

from __future__ import annotations

from ..config.suggestions import closest, letters

PREFIXES = ("admin_", "allow_", "allowed_", "block_", "blocked_")
RULES = (
    "admin_groups",
    "admin_users",
    "allow_all",
    "allow_existing_users",
    "allowed_groups",
    "allowed_idps",
    "allowed_organizations",
    "allowed_scopes",
    "allowed_teams",
    "allowed_users",
    "any_allow_config",
    "blacklist",
    "blocked_users",
    "group_whitelist",
    "hosted_domain",
    "idps",
    "whitelist",
)
_SIMILAR = 0.8
_PREFIXES = tuple(prefix.rstrip("_") for prefix in PREFIXES)


def is_close(class_name: str, trait: str) -> bool:
    """Whether `trait` is the name of a rule about who gets in, or close to one."""
    if closest(trait, RULES, _SIMILAR):
        return True
    decides = class_name.endswith("Authenticator") or class_name == "JupyterHub"
    return decides and letters(trait).startswith(_PREFIXES)
