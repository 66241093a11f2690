"""`hub.db.*`: where the hub keeps its state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

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

# what the hub itself makes, whatever `url` says
SQLITE_URLS = {"sqlite-pvc": "sqlite:///jupyterhub.sqlite", "sqlite-memory": "sqlite://"}

# the variables from which each database's own driver takes a password
PASSWORD_VARIABLES = {"mysql": "MYSQL_PWD", "postgres": "PGPASSWORD"}

# drivers that read no variable: the password has to be in the URL
DRIVERS_WITHOUT_VARIABLE = ("mysql+pymysql", "mysql+mysqlconnector", "postgresql+pg8000")

EXAMPLE_URLS = {
    "mysql": "mysql+pymysql://USER@HOST:3306/DATABASE",
    "postgres": "postgresql+psycopg2://USER@HOST:5432/DATABASE",
    "other": "any SQLAlchemy URL",
}


def problems(values: Values) -> Iterator[Problem]:
    """An external database needs a URL: without one the hub would write to its own disk."""
    if _is_without_url(values) and not _may_be_set_by_code(values):
        yield _url_is_missing(values)


def _is_without_url(values: Values) -> bool:
    given = values.get("hub.db.url") or values.get("hub.config.JupyterHub.db_url")
    return values.get("hub.db.type") in list(EXAMPLE_URLS) and not given


def _may_be_set_by_code(values: Values) -> bool:
    return bool(values.config_files()) or "db_url" in str(values.get("hub.extraConfig"))


def _url_is_missing(values: Values) -> Problem:
    kind = values.get("hub.db.type")
    return values.problem(
        "hub.db.url",
        f"hub.db.type is {kind}, but the database's URL is not given",
        expected=EXAMPLE_URLS[kind],
        hint="the password goes to hub.db.password",
        rule="missing-key",
    )


def apply(values: Values, c: Config) -> None:
    """The database's URL."""
    kind = values.get("hub.db.type")
    url = SQLITE_URLS.get(kind) or values.get("hub.db.url")
    if url:
        c.JupyterHub.db_url = _with_password(url, _password(values))


def _password(values: Values) -> str | None:
    password: str | None = values.secret("hub.db.password") or values.get("hub.db.password")
    return password


def _with_password(url: str, password: str | None) -> str:
    parts = urlsplit(url)
    if not password or parts.password or parts.scheme not in DRIVERS_WITHOUT_VARIABLE:
        return url
    user, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}{at}{host}"))


def finish(values: Values, c: Config) -> None:
    """Raises ConfigError where the administrator's own code did not set the URL either."""
    if _is_without_url(values) and "db_url" not in c.JupyterHub:
        raise ConfigError([_url_is_missing(values)])


def environment(values: Values) -> dict[str, str]:
    """The database's password, for its driver."""
    variable = PASSWORD_VARIABLES.get(values.get("hub.db.type"))
    password = _password(values)
    return {variable: password} if variable and password else {}
