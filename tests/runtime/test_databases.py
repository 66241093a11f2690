"""The hub keeps its users in real PostgreSQL and MariaDB servers; passwords come from values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.databases import PASSWORD, mariadb, place, postgres

__all__ = ["mariadb", "place", "postgres"]


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_users_are_kept_over_a_restart(
    kind: str, request: pytest.FixtureRequest, start_hub: Callable[[dict[str, Any]], Any]
) -> None:
    url = request.getfixturevalue(kind)
    db_type = {"mariadb": "mysql"}.get(kind, kind)
    values = {"hub": {"db": {"type": db_type, "url": url, "password": PASSWORD}}}
    with start_hub(values) as hub:
        assert hub.api("users/ada", "POST")[0] == 201
    with start_hub(values) as hub:
        status, users = hub.api("users")
        assert (status, [user["name"] for user in users]) == (200, ["ada"])
        assert PASSWORD not in hub.log.read_text()
