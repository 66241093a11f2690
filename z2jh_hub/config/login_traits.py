"""Traits of authenticators that decide who may log in and who is an administrator."""

from __future__ import annotations

# read at each login, so that a running hub can change them; those of Globus are not, because its
# scope depends on whether they are set
READ_AT_LOGIN = (
    "admin_groups",
    "admin_google_groups",
    "admin_users",
    "allow_all",
    "allow_existing_users",
    "allowed_gitlab_groups",
    "allowed_google_groups",
    "allowed_groups",
    "allowed_organizations",
    "allowed_project_ids",
    "allowed_teams",
    "allowed_users",
    "blocked_users",
    "hosted_domain",
)
ALL = (
    *READ_AT_LOGIN,
    "allowed_idps",
    "allowed_scopes",
    "any_allow_config",
    "blacklist",
    "group_whitelist",
    "idps",
    "whitelist",
)
# whose values are names of users
USER_NAMES = ("allowed_users", "admin_users", "blocked_users")
# users whom JupyterHub creates in its database at start
CREATED_USERS = ("admin_users", "allowed_users")
# beginnings of the names of such traits in any authenticator
PREFIXES = ("admin_", "allow_", "allowed_", "block_", "blocked_")
