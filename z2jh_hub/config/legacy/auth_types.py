"""The authenticator class of each deprecated `auth.type`, and the names of its traits."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class AuthType:
    """An `auth.type`: its class, and the traits whose names differ from the key."""

    authenticator_class: str
    class_name: str
    traits: dict[str, str] = field(default_factory=dict)
    is_oauth: bool = True


def _oauth(name: str, class_name: str, **traits: str) -> AuthType:
    return AuthType(name, class_name, {"callbackUrl": "oauth_callback_url", **traits})


TYPES = {
    "auth0": _oauth("auth0", "Auth0OAuthenticator", subdomain="auth0_subdomain"),
    "azuread": _oauth("azuread", "AzureAdOAuthenticator"),
    "bitbucket": _oauth("bitbucket", "BitbucketOAuthenticator", teamWhitelist="allowed_teams"),
    "cilogon": _oauth("cilogon", "CILogonOAuthenticator"),
    "dummy": AuthType("dummy", "DummyAuthenticator", is_oauth=False),
    "github": _oauth(
        "github",
        "GitHubOAuthenticator",
        orgWhitelist="allowed_organizations",
        org_whitelist="allowed_organizations",
    ),
    "gitlab": _oauth(
        "gitlab",
        "GitLabOAuthenticator",
        gitlabGroupWhitelist="allowed_gitlab_groups",
        gitlabProjectIdWhitelist="allowed_project_ids",
    ),
    "globus": _oauth("globus", "GlobusOAuthenticator"),
    "google": _oauth(
        "google", "GoogleOAuthenticator", googleGroupWhitelist="allowed_google_groups"
    ),
    "hmac": AuthType("hmacauthenticator.HMACAuthenticator", "HMACAuthenticator", is_oauth=False),
    "ldap": AuthType(
        "ldapauthenticator.LDAPAuthenticator",
        "LDAPAuthenticator",
        {
            "server.address": "server_address",
            "server.port": "server_port",
            "server.ssl": "use_ssl",
            "allowedGroups": "allowed_groups",
            "dn.templates": "bind_dn_template",
            "dn.lookup": "lookup_dn",
            "dn.search.filter": "lookup_dn_search_filter",
            "dn.search.user": "lookup_dn_search_user",
            "dn.search.password": "lookup_dn_search_password",
            "dn.user.dnAttribute": "lookup_dn_user_dn_attribute",
            "dn.user.escape": "escape_userdn",
            "dn.user.validRegex": "valid_username_regex",
            "dn.user.searchBase": "user_search_base",
            "dn.user.attribute": "user_attribute",
        },
        is_oauth=False,
    ),
    "lti": AuthType(
        "ltiauthenticator.lti11.auth.LTI11Authenticator", "LTI11Authenticator", is_oauth=False
    ),
    "mediawiki": _oauth("mediawiki", "MWOAuthenticator", indexUrl="mw_index_url"),
    "none": AuthType("null", "NullAuthenticator", is_oauth=False),
    "openshift": _oauth("openshift", "OpenShiftOAuthenticator"),
    "tmp": AuthType("tmpauthenticator.TmpAuthenticator", "TmpAuthenticator", is_oauth=False),
}

# type: why it no longer has a class
GONE = {"okpy": "the OKpy service has shut down, and oauthenticator no longer supports it"}
