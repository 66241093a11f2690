"""What the errors of a starting JupyterHub mean, for `start_failures`."""

from __future__ import annotations

from ..config.sections.hub_secrets import API_TOKEN, COOKIE_SECRET, CRYPT_KEY, HINT

_ROLES = "https://jupyterhub.readthedocs.io/en/stable/rbac/scopes.html lists the scopes"

# pattern of the error, message, expected value, hint; with the fields of a failure and the groups
# of the pattern
EXPLANATIONS: tuple[tuple[str, str, str, str], ...] = (
    # roles
    (
        r"^Draft scope 'all' is now called 'inherit'",
        "the scope all does not exist",
        "inherit",
        "since JupyterHub 2, this scope is called inherit",
    ),
    (
        r"^Scope '(?P<scope>.+?)' .*does not exist",
        "the scope {scope} of the role {entry} does not exist",
        "a scope of JupyterHub",
        _ROLES,
    ),
    (
        r"^Scope filter",
        "the scope {value} of the role {entry} has an invalid filter",
        "!user=NAME, !group=NAME, !service=NAME or !server=USER/NAME; or !user, !service, !server",
        "",
    ),
    (
        r"^Found undefined service (?P<name>.+) in role",
        "the role {entry} names the service {name}, which does not exist",
        "the name of a service in hub.services",
        "",
    ),
    (
        r"^Invalid role name",
        "{entry} is not a valid name for a role",
        "3 to 255 lowercase letters, digits and -._~; the first is a letter",
        "",
    ),
    (
        r"^Cannot override admin role",
        "the {field} of the role admin cannot be changed",
        "only users, groups and services in the role admin",
        "define a role with another name",
    ),
    (
        r"^Role (?P<name>.+) multiply defined",
        "the role {name} is defined more than once",
        "each role once",
        "",
    ),
    (
        r"^When authenticator manages roles",
        "load_roles assigns roles, although manage_roles leaves that to the authenticator",
        "roles without users and groups, or manage_roles: false",
        "",
    ),
    (
        r"^(\w+) must be a list, not a text",
        "{field} must be a list",
        "a list such as [{words}]",
        "",
    ),
    # services
    (
        r"^No such service field: (?P<name>.+)",
        "a service has no field {name}",
        "url, command, environment, api_token, oauth_redirect_uri, display or another field",
        "",
    ),
    (
        r"^Unsupported scheme in URL",
        "the URL of the service {entry} does not start with http:// or https://",
        "http://HOST:PORT",
        "",
    ),
    (
        r"^Port (out of range|could not be cast)",
        "the URL of the service {entry} has an invalid port",
        "http://HOST:PORT with a port from 1 to 65535",
        "",
    ),
    (
        r"missing required oauth_redirect_uri",
        "the service {entry} uses OAuth, but has no address to return to",
        "url or oauth_redirect_uri",
        "",
    ),
    (
        r"Service oauth client ids must start",
        "the oauth_client_id of the service {entry} must start with service-",
        "service-{entry}",
        "",
    ),
    (
        r"^Service(s cannot have escaped)? names",
        "{entry} is not a valid name for a service",
        "a name without / and characters that a URL escapes",
        "",
    ),
    (
        r"^The '(?P<name>\w+)' trait of a Service instance expected (?P<kind>.+?), not",
        "invalid value for {name} of the service {entry}",
        "{kind}",
        "",
    ),
    (
        # the original message shows a part of the token
        r"^APIToken\.token must be at least",
        "the API token of the service {entry} is too short",
        API_TOKEN.expected,
        HINT,
    ),
    # users and groups
    (
        r"^(?i:token user )?(?i:username|name) '(?P<name>.*)' is not valid",
        "{name} is not a valid user name",
        "a name without / that matches username_pattern",
        "",
    ),
    (
        r"'load_groups' trait",
        "invalid value for the group {entry}",
        "a mapping such as {{users: [ada]}}",
        "",
    ),
    (
        r"^Group management has been offloaded",
        "load_groups cannot be combined with manage_groups",
        "no load_groups, because the authenticator manages the groups",
        "remove load_groups, or set manage_groups: false",
    ),
    (
        r"^Invalid scope name",
        "{entry} is not a valid name for a custom scope",
        "custom: followed by lowercase letters, digits and -_:*",
        "",
    ),
    # authenticators
    (
        r"^(?P<owner>\w+)\.(?P<name>\w+) requires \w+\.manage_groups",
        "{name} requires manage_groups: true",
        "hub.config.{owner}.manage_groups: true",
        "without manage_groups, the hub does not read the groups of users and does not start",
    ),
    (
        r"^Configuring either auth0_domain",
        "nobody can log in, because auth0_domain is not set",
        "hub.config.{cls}.auth0_domain, such as my-team.eu.auth0.com",
        "",
    ),
    (
        r"^Allowed scopes must be a subset",
        "allowed_scopes contains a scope that scope does not request",
        "scopes that are also in hub.config.{cls}.scope",
        "",
    ),
    (
        r"^auth_state is enabled, but encryption is not available",
        "enable_auth_state requires a key for encryption, but none is set",
        "hub.config.CryptKeeper.keys: " + CRYPT_KEY.expected,
        HINT,
    ),
    (
        r"(?P<name>\w+) is deprecated in \w+ (?P<version>[\d.]+), use \w+\.(?P<new>\w+) instead",
        "{name} was replaced by {new} in version {version}, which takes another form of value",
        "{new}",
        "",
    ),
    # secrets and the database
    (r"^cookie_secret set as a string", "malformed secret", COOKIE_SECRET.expected, HINT),
    (r"^Encryption keys must be 32 bytes", "malformed secret", CRYPT_KEY.expected, HINT),
    (
        r"^db_url is not a URL for SQLAlchemy: (?P<reason>.+)",
        "the database URL cannot be read: {reason}",
        "DIALECT+DRIVER://USER@HOST:PORT/DATABASE",
        "put the password in hub.db.password, or percent-encode it",
    ),
    (
        r"^SQLAlchemy has no dialect (?P<name>.+)",
        "the database URL names an unknown database or driver: {name}",
        "mysql+pymysql://…, postgresql+psycopg2://… or sqlite://…",
        "",
    ),
    (
        r"^the hub image does not contain the database driver (?P<name>.+)",
        "the hub image does not contain the database driver {name}",
        "mysql+pymysql://… or postgresql+psycopg2://…",
        "name a driver of the hub image in the URL, or build an image with {name}",
    ),
)
