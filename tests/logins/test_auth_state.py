"""What a login provider says about a user: encrypted, kept with new keys, and forgotten in time."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from support.hubs import Hub
from support.logins.browser import until
from support.logins.openid import OpenIdProvider, generic

pytestmark = [pytest.mark.processes, pytest.mark.slow]

Start = Callable[..., AbstractContextManager[Hub]]
LogIn = Callable[..., Any]

OLD, NEW = "1f" * 32, "2e" * 32
PAGES = ("token", "home", "spawn", "admin", "no-such-page")


def start_with(
    start: Start, folder: Path, keys: list[str], **traits: Any
) -> AbstractContextManager[Hub]:
    """Start a hub whose Secret has these keys, as the chart's job writes them."""
    secret = folder / "mounts" / "existing-secret"
    secret.mkdir(parents=True, exist_ok=True)
    (secret / "hub.config.CryptKeeper.keys").write_text(";".join(keys))
    return start(generic(**traits), folder)


def stored(folder: Path) -> bytes:
    """Read the auth state of cleo in the hub's database."""
    with closing(sqlite3.connect(folder / "work" / "jupyterhub.sqlite")) as database:
        ((value,),) = database.execute(
            "SELECT encrypted_auth_state FROM users WHERE name = 'cleo'"
        ).fetchall()
    return bytes(value or b"")


def decrypt(value: bytes, key: str) -> str:
    return Fernet(base64.urlsafe_b64encode(bytes.fromhex(key))).decrypt(value).decode()


def token(hub: Hub) -> str:
    state = hub.api("users/cleo")[1]["auth_state"]
    return str(state["access_token"]) if state else ""


def test_it_is_encrypted_and_in_no_log_or_page(start: Start, log_in: LogIn, tmp_path: Path) -> None:
    with start_with(start, tmp_path, [OLD]) as hub:
        browser, page = log_in(hub, "cleo")
        secret = token(hub)
        pages = [page, *(browser.open(f"https://hub.example.org/hub/{path}") for path in PAGES)]
    assert secret
    value = stored(tmp_path)
    assert secret.encode() not in value
    assert secret in decrypt(value, OLD)
    assert secret.encode() not in (tmp_path / "work" / "jupyterhub.sqlite").read_bytes()
    for text in (hub.log.read_text(), *(page.html for page in pages)):
        assert secret not in text


def test_it_survives_new_keys(start: Start, log_in: LogIn, tmp_path: Path) -> None:
    with start_with(start, tmp_path, [OLD]) as hub:
        browser, _ = log_in(hub, "cleo")
        secret = token(hub)
    # the new key comes first, as `z2jh secrets rotate crypt_keys` puts it
    with start_with(start, tmp_path, [NEW, OLD]) as hub:
        assert token(hub) == secret, "readable with the old key, and encrypted with the new one"
    with pytest.raises(InvalidToken):
        decrypt(stored(tmp_path), OLD)
    with start_with(start, tmp_path, [NEW]) as hub:
        assert token(hub) == secret
        assert browser.on(hub).home().user == "cleo", "still logged in"


def test_a_lost_key_needs_a_login(start: Start, log_in: LogIn, tmp_path: Path) -> None:
    with start_with(start, tmp_path, [OLD]) as hub:
        browser, _ = log_in(hub, "cleo")
    with start_with(start, tmp_path, [NEW]) as hub:
        assert token(hub) == ""
        browser = browser.on(hub)
        assert browser.home().url.startswith("https://hub.example.org/hub/login")
        assert browser.log_in().user == "cleo"
        assert token(hub)


def test_a_user_who_leaves_the_group_is_logged_out_at_the_next_refresh(
    start: Start, log_in: LogIn, provider: OpenIdProvider, tmp_path: Path
) -> None:
    with start_with(start, tmp_path, [OLD]) as hub:
        browser, _ = log_in(hub, "cleo")
        assert token(hub)
        provider.set_groups(cleo=["students"])
        until(lambda: browser.home().user == "")
        assert stored(tmp_path) == b""
        assert browser.log_in().status == 403
        assert "cleo may no longer log in" in hub.log.read_text()
        provider.set_groups(cleo=["staff"])
        assert browser.log_in().user == "cleo"
        assert token(hub)


def test_a_refused_login_deletes_it(start: Start, log_in: LogIn, tmp_path: Path) -> None:
    with start_with(start, tmp_path, [OLD]) as hub:
        log_in(hub, "cleo")
        assert stored(tmp_path)
    with start_with(start, tmp_path, [OLD], blocked_users=["cleo"]) as hub:
        assert log_in(hub, "cleo")[1].status == 403
        assert stored(tmp_path) == b""
