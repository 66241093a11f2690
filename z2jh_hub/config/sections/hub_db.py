"""`hub.db.*`: the hub's database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from ...masking import HIDDEN
from ..errors import ConfigError, Problem
from ..keys import BOOLEAN, TEXT, Key, one_of

if TYPE_CHECKING:
    from traitlets.config import Config

    from ..values import Values

KEYS = (
    Key("hub.db.type", one_of("sqlite-pvc", "sqlite-memory", "mysql", "postgres", "other")),
    Key("hub.db.url", TEXT),
    Key("hub.db.password", TEXT),
    Key("hub.db.upgrade", BOOLEAN, "JupyterHub.upgrade_db"),
)

# databases in the hub's pod, which do not use `url`
SQLITE_URLS = {"sqlite-pvc": "sqlite:///jupyterhub.sqlite", "sqlite-memory": "sqlite://"}

# the variables from which the database drivers read a password
PASSWORD_VARIABLES = {"mysql": "MYSQL_PWD", "postgres": "PGPASSWORD"}

# drivers without such a variable; the password must be in the URL
DRIVERS_WITHOUT_VARIABLE = ("mysql+pymysql", "mysql+mysqlconnector", "postgresql+pg8000")

EXAMPLE_URLS = {
    "mysql": "mysql+pymysql://USER@HOST:3306/DATABASE",
    "postgres": "postgresql+psycopg2://USER@HOST:5432/DATABASE",
    "other": "any SQLAlchemy URL",
}


# the dialects of SQLAlchemy URLs for each type of database
DIALECTS = {
    "mysql": ("mysql", "mariadb"),
    "postgres": ("postgresql", "postgres", "cockroachdb"),
    "sqlite-pvc": ("sqlite",),
    "sqlite-memory": ("sqlite",),
}

# not supported since SQLAlchemy 1.4
OLD_SCHEME = re.compile(r"^postgres(?=\+|://)")
_URL = re.compile(r"(?P<scheme>[\w.+-]+)://(?P<user>[^:/@?]*):(?P<password>.*)@", re.DOTALL)
# characters that must be encoded in a password
_UNENCODED = re.compile(r"[@/\[\]?#\s]|%(?![0-9a-fA-F]{2})")


def problems(values: Values) -> Iterator[Problem]:
    """Report a missing or invalid URL of an external database."""
    if _is_without_url(values) and not _may_be_set_by_code(values):
        yield _url_is_missing(values)
    yield from _other_dialect(values)
    for key in ("hub.db.url", "hub.config.JupyterHub.db_url"):
        url = values.get(key)
        if isinstance(url, str) and encoded(url) != url:
            yield values.problem(
                key,
                "the password in this URL contains characters that must be percent-encoded",
                given=HIDDEN,
                expected="@ as %40, / as %2F, [ as %5B, % as %25",
                hint="or set hub.db.password, which needs no encoding",
                severity="warning",
            )


def _other_dialect(values: Values) -> Iterator[Problem]:
    """Report a URL of another type of database."""
    kind, url = values.get("hub.db.type"), values.get("hub.db.url")
    dialects = DIALECTS.get(kind) if isinstance(kind, str) else None
    if not dialects or not isinstance(url, str) or "://" not in url:
        return
    dialect = re.split(r"[+:]", url)[0]
    if dialect in dialects or dialect not in sum(DIALECTS.values(), ()):
        return
    is_sqlite = kind in SQLITE_URLS
    yield values.problem(
        "hub.db.url",
        f"hub.db.type is {kind}; the hub uses SQLite and ignores this URL"
        if is_sqlite
        else f"hub.db.type is {kind}, but this URL is for {dialect}",
        given=f"{dialect}://…",
        expected="no URL" if is_sqlite else EXAMPLE_URLS[kind],
        hint="set hub.db.type to the type of the database",
        severity="warning" if is_sqlite else "error",
    )


def encoded(url: str) -> str:
    """Return `url` with its password percent-encoded where necessary."""
    match = _URL.match(url)
    if not match or "@" not in url:
        return url
    start, end = match.span("password")
    password = _UNENCODED.sub(lambda m: quote(m[0], safe=""), match["password"])
    return url[:start] + password + url[end:]


def _is_without_url(values: Values) -> bool:
    url = values.get("hub.db.url") or values.get("hub.config.JupyterHub.db_url")
    return values.get("hub.db.type") in list(EXAMPLE_URLS) and not url


def _may_be_set_by_code(values: Values) -> bool:
    return bool(values.config_files()) or "db_url" in str(values.get("hub.extraConfig"))


def _url_is_missing(values: Values) -> Problem:
    kind = values.get("hub.db.type")
    return values.problem(
        "hub.db.url",
        f"missing; hub.db.type: {kind} requires a URL",
        expected=EXAMPLE_URLS[kind],
        hint="put the password in hub.db.password",
        rule="missing-key",
    )


def apply(values: Values, c: Config) -> None:
    """Set the database's URL; `finish` adds the password, unless code has added it before."""
    kind = values.get("hub.db.type")
    url = SQLITE_URLS.get(kind) or values.get("hub.db.url")
    if url:
        c.JupyterHub.db_url = encoded(url)


def _password(values: Values) -> str | None:
    password: str | None = values.secret("hub.db.password") or values.get("hub.db.password")
    return password


def _with_password(url: str, password: str | None) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url  # SQLAlchemy rejects it with a better message
    if not password or parts.password or parts.scheme not in DRIVERS_WITHOUT_VARIABLE:
        return url
    user, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}{at}{host}"))


def finish(values: Values, c: Config) -> None:
    """Make the effective URL valid for SQLAlchemy, with the password if the driver needs it there.

    Raises ConfigError if neither the values nor the administrator's code set a required URL.
    """
    url = c.JupyterHub.get("db_url")
    if _is_without_url(values) and url is None:
        raise ConfigError([_url_is_missing(values)])
    if isinstance(url, str):
        url = encoded(OLD_SCHEME.sub("postgresql", url))
        is_external = values.get("hub.db.type") not in SQLITE_URLS
        c.JupyterHub.db_url = _with_password(url, _password(values) if is_external else None)


def environment(values: Values) -> dict[str, str]:
    """Return the variable from which the driver reads the password."""
    variable = PASSWORD_VARIABLES.get(values.get("hub.db.type"))
    password = _password(values)
    return {variable: password} if variable and password else {}
