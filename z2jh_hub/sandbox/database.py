"""Check the URL of the hub's database with SQLAlchemy, without a connection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import load_config
from .load_config import Loaded, Place

# drivers and dialects in the hub image, which decide, not those that are installed here
DRIVERS = ("pysqlite", "psycopg2", "pymysql")
DIALECTS = ("cockroachdb",)
# the driver of the hub image for a URL without one
DEFAULT_DRIVERS = {"postgresql": "postgresql+psycopg2"}


class DatabaseURLError(ValueError):
    """The hub cannot use this URL."""


class DriverMissing(DatabaseURLError):
    """The hub image does not contain the dialect or the driver of this URL."""


def errors(hub: Any) -> Iterator[Exception]:
    """Yield why the hub cannot use `db_url` with `db_kwargs` of its configuration `hub`."""
    url = hub.get("db_url")
    if isinstance(url, str):
        try:
            _check(url, hub.get("db_kwargs") or {})
        except DatabaseURLError as error:
            yield error


def place_of_password(loaded: Loaded) -> Place | None:
    """Return where code added `hub.db.password` to the URL, if it did."""
    url, place = loaded.config.JupyterHub.get("db_url"), loaded.places.get(("JupyterHub", "db_url"))
    password = loaded.values.secret("hub.db.password") or loaded.values.get("hub.db.password")
    if not load_config.is_of_code(place) or not isinstance(url, str) or not password:
        return None
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return place if make_url(url).password == password else None
    except (ArgumentError, ValueError):
        return None


def _check(text: str, arguments: dict[str, Any]) -> None:
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # the original message may contain the password
        raise DatabaseURLError(f"db_url is not a URL for SQLAlchemy: {_fault(text)}") from None
    url = url.set(drivername=DEFAULT_DRIVERS.get(url.drivername, url.drivername))
    if url.get_backend_name() in DIALECTS:
        return
    try:
        driver = url.get_dialect()().driver
    except NoSuchModuleError:
        raise DriverMissing(f"SQLAlchemy has no dialect {url.drivername}") from None
    if driver not in DRIVERS:
        raise DriverMissing(f"the hub image does not contain the database driver {driver}")
    try:
        create_engine(url, **arguments).dialect.create_connect_args(url)
    except ImportError:
        return  # in the hub image, but not here
    except Exception as error:
        raise DatabaseURLError(f"{type(error).__name__}: {error}") from None


def _fault(text: str) -> str:
    """Say which part of a URL is wrong, without its password."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        return "it has no ://"
    port = rest.rpartition("@")[2].partition("/")[0].rpartition(":")[2]
    return f"the port {port} is not a number" if not port.isdigit() else f"{scheme}://…"
