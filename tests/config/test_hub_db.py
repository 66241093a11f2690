"""`hub.db.*`: the URL and the password of the database."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from traitlets.config import Config

from z2jh_hub.config.errors import ConfigError, Problem

Make = Callable[..., Config]
Find = Callable[..., dict[str, Problem]]


@pytest.mark.parametrize(
    ("db", "url"),
    [
        ("{}", "sqlite:///jupyterhub.sqlite"),
        ("{type: sqlite-pvc, url: ignored}", "sqlite:///jupyterhub.sqlite"),
        ("{type: sqlite-memory}", "sqlite://"),
        ("{type: postgres, url: 'postgresql://u@h/d'}", "postgresql://u@h/d"),
        ("{type: mysql, url: 'mysql+mysqldb://u@h/d'}", "mysql+mysqldb://u@h/d"),
        ("{type: other, url: 'x://h'}", "x://h"),
    ],
)
def test_url(db: str, url: str, config: Make) -> None:
    assert config(f"hub: {{db: {db}}}").JupyterHub.db_url == url


def test_upgrade(config: Make) -> None:
    assert config("hub: {db: {upgrade: true}}").JupyterHub.upgrade_db is True


@pytest.mark.parametrize(
    ("kind", "variable"), [("postgres", "PGPASSWORD"), ("mysql", "MYSQL_PWD"), ("other", None)]
)
def test_a_secret_password_is_a_variable_for_the_driver(
    kind: str, variable: str | None, config: Make
) -> None:
    text = f"hub: {{db: {{type: {kind}, url: 'x://u@h/d'}}}}"
    c = config(text, secrets={"hub.db.password": "pw"})
    assert dict(os.environ) == ({variable: "pw"} if variable else {})
    assert c.JupyterHub.db_url == "x://u@h/d"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mysql+pymysql://u@h/d", "mysql+pymysql://u:p%2Fw%24@h/d"),
        ("mysql+pymysql://u:mine@h/d", "mysql+pymysql://u:mine@h/d"),
        ("mysql+mysqldb://u@h/d", "mysql+mysqldb://u@h/d"),
    ],
)
def test_the_password_is_in_the_url_for_drivers_that_read_no_variable(
    url: str, expected: str, config: Make
) -> None:
    text = f"hub: {{db: {{type: mysql, url: '{url}', password: p/w$}}}}"
    assert config(text).JupyterHub.db_url == expected


@pytest.mark.parametrize("kind", ["postgres", "mysql", "other"])
def test_external_database_without_url_is_an_error(kind: str, problems: Find) -> None:
    problem = problems(f"hub: {{db: {{type: {kind}}}}}")["hub.db.url"]
    assert kind in problem.message
    assert problem.severity == "error"


def test_the_url_may_come_from_hub_config_or_a_snippet(config: Make, problems: Find) -> None:
    in_config = "hub: {db: {type: other}, config: {JupyterHub: {db_url: 'x://'}}}"
    assert config(in_config).JupyterHub.db_url == "x://"
    in_snippet = "hub: {db: {type: other}, extraConfig: {db: 'c.JupyterHub.db_url = \"x://\"'}}"
    assert config(in_snippet).JupyterHub.db_url == "x://"


def test_url_that_no_snippet_sets_is_an_error(config: Make) -> None:
    text = "hub: {db: {type: other}, extraConfig: {db: '# db_url comes later'}}"
    with pytest.raises(ConfigError, match=r"hub\.db\.url"):
        config(text)


def test_a_type_that_does_not_exist(problems: Find) -> None:
    assert "postgres" in problems("hub: {db: {type: postgresql}}")["hub.db.type"].expected


def test_the_password_in_a_mounted_secret_wins(
    mounts: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from z2jh_hub.config.mounts import Mounts
    from z2jh_hub.config.sections import hub_db
    from z2jh_hub.config.values import from_mounts

    text = "hub: {db: {type: postgres, url: 'postgresql://h/d', password: chart}}"
    root = mounts(text, {"existing-secret/hub.db.password": "mine"})
    assert hub_db.environment(from_mounts(Mounts(root))) == {"PGPASSWORD": "mine"}
