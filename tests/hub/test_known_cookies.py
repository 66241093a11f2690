"""The lever `cookies`: a known user is found without a query, and nobody is found who left."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub import orm
from sqlalchemy import event, text

from z2jh_hub.hub.speed import cookies


class Handler:
    """The part of a handler that the lever uses; its signed cookies are those of `valid`."""

    cookie_max_age_days = 14

    def __init__(self, db: Any) -> None:
        self.db = db
        self.valid: dict[str, str] = {}
        self.users = self
        self.queries = 0
        self.active: list[str] = []

    def __getitem__(self, orm_user: orm.User) -> Any:
        return SimpleNamespace(name=orm_user.name, orm_user=orm_user)

    def get_secure_cookie(
        self, name: str, value: str | None = None, max_age_days: float = 31
    ) -> bytes | None:
        assert max_age_days == self.cookie_max_age_days
        content = self.valid.get(name)
        return content.encode() if content else None

    def _record_activity(self, user: Any) -> bool:
        self.active.append(user.name)
        return False

    @cookies.remembering
    def user_for_cookie(self, name: str, value: str | None = None) -> Any:
        self.queries += 1
        content = self.get_secure_cookie(name, value, max_age_days=self.cookie_max_age_days)
        cookie_id = content.decode() if content else ""
        orm_user = self.db.query(orm.User).filter(orm.User.cookie_id == cookie_id).first()
        return orm_user and self[orm_user]


@pytest.fixture
def handler(tmp_path: Path) -> Any:
    db = orm.new_session_factory(f"sqlite:///{tmp_path}/hub.sqlite")()
    db.add(ada := orm.User(name="ada"))
    db.commit()
    handler = Handler(db)
    handler.valid = {"cookie": ada.cookie_id}
    assert handler.user_for_cookie("cookie").orm_user is ada
    assert handler.queries == 1
    yield handler
    db.close()
    db.get_bind().dispose()


def test_a_known_user_is_found_without_a_query_and_active(handler: Any) -> None:
    statements: list[str] = []
    event.listen(handler.db.get_bind(), "before_cursor_execute", lambda *a: statements.append(a[2]))
    assert handler.user_for_cookie("cookie").name == "ada"
    assert handler.queries == 1
    assert statements == []
    assert handler.active == ["ada"]


def test_a_cookie_that_is_not_valid_is_the_originals(handler: Any) -> None:
    assert handler.user_for_cookie("another") is None
    handler.valid.clear()  # it has expired
    assert handler.user_for_cookie("cookie") is None
    assert handler.queries == 3


def test_a_user_who_logged_out_is_not_found(handler: Any) -> None:
    ada = handler.user_for_cookie("cookie").orm_user
    ada.cookie_id = orm.new_token()
    assert handler.user_for_cookie("cookie") is None
    handler.db.commit()
    assert handler.user_for_cookie("cookie") is None


@pytest.mark.parametrize("committed", [False, True])
def test_a_deleted_user_is_not_found(handler: Any, committed: bool) -> None:
    handler.db.delete(handler.user_for_cookie("cookie").orm_user)
    if committed:
        handler.db.commit()
    assert handler.user_for_cookie("cookie") is None


def test_the_database_is_asked_after_a_rollback(handler: Any) -> None:
    ada = handler.user_for_cookie("cookie").orm_user
    ada.name = "lovelace"
    handler.db.flush()
    handler.db.rollback()
    queries = handler.queries
    assert handler.user_for_cookie("cookie").name == "ada"
    assert handler.queries == queries + 1
    handler.db.execute(text("DELETE FROM users"))
    handler.db.rollback()
    assert handler.user_for_cookie("cookie").name == "ada"
