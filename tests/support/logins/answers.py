"""What each provider's documented endpoints answer about a person.

A pattern matches the host, path and query of a request; its groups are passed on. None is 404.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from .members import Member, groups_at

CLIENT_ID = "a1b2c3d4e5f6"
CLIENT_SECRET = "a-secret-from-the-provider"
TENANT = "3b4c0e9e-0000-4000-8000-000000000000"
DEVELOPER = 30  # GitLab's access levels
GUEST = 10

Answer = Callable[..., Any]


class Status(int):
    """An answer without a body, such as 204."""


def github_user(member: Member) -> Any:
    return {"login": member.handle, "id": member.number, "email": None, "name": member.handle}


def github_member(member: Member, org: str, user: str) -> Any:
    return _membership("github", member, org, user)


def github_team_member(member: Member, org: str, team: str, user: str) -> Any:
    return _membership("github", member, f"{org}:{team}", user)


def _membership(provider: str, member: Member, group: str, user: str) -> Any:
    same = user.lower() == member.handle.lower()
    return Status(204) if same and group in groups_at(provider, member) else None


def gitlab_user(member: Member) -> Any:
    return {"id": member.number, "username": member.handle, "email": member.email}


def gitlab_group_member(member: Member, group: str, user: str) -> Any:
    """Members of a group are members of its subgroups too: they inherit the membership."""
    path = unquote(unquote(group)).split("/")
    ancestors = {"/".join(path[:length]) for length in range(1, len(path) + 1)}
    known = int(user) == member.number and ancestors & set(groups_at("gitlab", member))
    return {"id": member.number, "access_level": DEVELOPER} if known else None


def gitlab_project_member(member: Member, project: str, user: str) -> Any:
    if int(user) != member.number or project != "4711":
        return None
    if project in groups_at("gitlab", member):
        return {"id": member.number, "access_level": DEVELOPER}
    return {"id": member.number, "access_level": GUEST} if member.handle == "finn" else None


def google_user(member: Member) -> Any:
    organisation = {} if member.domain == "gmail.com" else {"hd": member.domain}
    return {"id": str(member.number), "email": member.email, "verified_email": True, **organisation}


def cilogon_user(member: Member) -> Any:
    answer = {"sub": f"http://cilogon.org/serverA/users/{member.number}", "email": member.email}
    if member.domain == "gmail.com":
        return {**answer, "idp": "http://google.com/accounts/o8/id", "idp_name": "Google"}
    return {**answer, "idp": f"urn:mace:incommon:{member.domain}", "eppn": member.email}


def globus_user(member: Member) -> Any:
    return {"sub": str(member.number), "preferred_username": member.email, "name": member.handle}


def globus_groups(member: Member) -> Any:
    return [{"id": group, "name": group[:4]} for group in groups_at("globus", member)]


def auth0_user(member: Member) -> Any:
    return {"sub": f"auth0|{member.number}", "email": member.email, "email_verified": True}


def okta_user(member: Member) -> Any:
    answer = {"sub": f"00u{member.number}", "preferred_username": member.email}
    return {**answer, "email": member.email, "groups": groups_at("okta", member)}


def bitbucket_user(member: Member) -> Any:
    return {"username": member.handle, "nickname": member.handle, "type": "user"}


def bitbucket_workspaces(member: Member, page: str = "") -> Any:
    """Return the workspaces in pages of one; the first page is an empty one."""
    names = ["", *groups_at("bitbucket", member)]
    number = int(page or 1)
    values = [{"name": name, "slug": name} for name in names[number - 1 : number] if name]
    following = "https://api.bitbucket.org/2.0/workspaces?role=member&page="
    return {
        "values": values,
        **({"next": f"{following}{number + 1}"} if number < len(names) else {}),
    }


def azuread_claims(member: Member) -> dict[str, Any]:
    claims = {"name": member.handle.title(), "unique_name": member.email, "tid": TENANT}
    return {**claims, "aud": CLIENT_ID, "groups": groups_at("azuread", member)}


def id_token(claims: dict[str, Any]) -> str:
    """Return a token without a signature, which the hub does not verify."""
    parts = ({"alg": "RS256", "typ": "JWT"}, claims, {})
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )


#: further parts of the answer of a provider's token endpoint; {} is all of that provider
TOKENS: dict[str, Callable[[Member, str], dict[str, Any]]] = {
    "azuread": lambda member, _: {"id_token": id_token(azuread_claims(member))},
    "globus": lambda _, token: {
        "resource_server": "auth.globus.org",
        "other_tokens": [
            {"resource_server": server, "access_token": token, "token_type": "Bearer"}
            for server in ("transfer.api.globus.org", "groups.api.globus.org")
        ],
    },
}

ANSWERS: dict[str, Answer] = {
    r"api\.github\.com/user": github_user,
    r"api\.github\.com/orgs/([^/]+)/members/([^/]+)": github_member,
    r"api\.github\.com/orgs/([^/]+)/teams/([^/]+)/members/([^/]+)": github_team_member,
    r"gitlab\.com/api/v4/user": gitlab_user,
    r"gitlab\.com/api/v4/version": lambda _: {"version": "18.5.1-ee"},
    r"gitlab\.com/api/v4/groups/([^/]+)/members/all/(\d+)": gitlab_group_member,
    r"gitlab\.com/api/v4/projects/([^/]+)/members/all/(\d+)": gitlab_project_member,
    r"www\.googleapis\.com/oauth2/v1/userinfo": google_user,
    r"cilogon\.org/oauth2/userinfo": cilogon_user,
    r"auth\.globus\.org/v2/oauth2/userinfo": globus_user,
    r"groups\.api\.globus\.org/v2/groups/my_groups": globus_groups,
    r"example\.auth0\.com/userinfo": auth0_user,
    r"example\.okta\.com/oauth2/v1/userinfo(?:\?state=state)?": okta_user,
    r"api\.bitbucket\.org/2\.0/user": bitbucket_user,
    r"api\.bitbucket\.org/2\.0/workspaces\?role=member(?:&page=(\d+))?": bitbucket_workspaces,
}

#: pages where people log in → provider
AUTHORIZE = {
    "example.auth0.com/authorize": "auth0",
    f"login.microsoftonline.com/{TENANT}/oauth2/authorize": "azuread",
    "bitbucket.org/site/oauth2/authorize": "bitbucket",
    "cilogon.org/authorize": "cilogon",
    "github.com/login/oauth/authorize": "github",
    "gitlab.com/oauth/authorize": "gitlab",
    "auth.globus.org/v2/oauth2/authorize": "globus",
    "accounts.google.com/o/oauth2/v2/auth": "google",
    "example.okta.com/oauth2/v1/authorize": "okta",
}

#: where the hub exchanges a code for tokens → provider
TOKEN = {
    "example.auth0.com/oauth/token": "auth0",
    f"login.microsoftonline.com/{TENANT}/oauth2/token": "azuread",
    "bitbucket.org/site/oauth2/access_token": "bitbucket",
    "cilogon.org/oauth2/token": "cilogon",
    "github.com/login/oauth/access_token": "github",
    "gitlab.com/oauth/token": "gitlab",
    "auth.globus.org/v2/oauth2/token": "globus",
    "www.googleapis.com/oauth2/v4/token": "google",
    "example.okta.com/oauth2/v1/token": "okta",
}

#: pages on which people are logged out
LOGGED_OUT = ("example.auth0.com/v2/logout", "example.okta.com/login/signout")

HOSTS = sorted(
    {address.partition("/")[0] for address in (*AUTHORIZE, *TOKEN, *LOGGED_OUT)}
    | {pattern.partition("/")[0].replace("\\", "") for pattern in ANSWERS}
)
