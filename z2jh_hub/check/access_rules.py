"""Names of the traits that decide who gets in, and names that are close to one.

A trait that its class does not have is without effect. That is an error only for these: the
administrator believes in a rule that nothing enforces.
"""

from __future__ import annotations

import re

from .suggestions import distance

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
_LENIENT = 2  # letters
_PREFIXES = tuple(prefix.rstrip("_") for prefix in PREFIXES)


def is_close(class_name: str, trait: str) -> bool:
    """Whether `trait` is the name of a rule about who gets in, or close to one."""
    word = _plain(trait)
    if any(distance(word, _plain(rule)) <= min(_LENIENT, len(word) // 3) for rule in RULES):
        return True
    decides = class_name.endswith("Authenticator") or class_name == "JupyterHub"
    return decides and word.startswith(_PREFIXES)


def _plain(word: str) -> str:
    return re.sub(r"[_-]", "", word).lower()
