"""The table of database drivers is that of the hub image's lock file."""

from __future__ import annotations

import re
from pathlib import Path

from z2jh_hub.sandbox import database

LOCK = Path(__file__).parents[2] / "images" / "hub" / "requirements.txt"
# packages of drivers and dialects that SQLAlchemy's documentation names
PACKAGES = {
    "psycopg2": "psycopg2", "psycopg": "psycopg", "pymysql": "pymysql", "asyncpg": "asyncpg",
    "pg8000": "pg8000", "mysqlclient": "mysqldb", "mysql-connector-python": "mysqlconnector",
    "pyodbc": "pyodbc", "oracledb": "oracledb",
}  # fmt: skip


def test_the_drivers_are_those_of_the_hub_image():
    locked = set(re.findall(r"^([\w.-]+)==", LOCK.read_text("utf-8"), re.M))
    drivers = {driver for package, driver in PACKAGES.items() if package in locked}
    assert set(database.DRIVERS) == {"pysqlite", *drivers}
    assert ("sqlalchemy-cockroachdb" in locked) == ("cockroachdb" in database.DIALECTS)
