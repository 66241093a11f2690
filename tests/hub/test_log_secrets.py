"""Codes and tokens of login providers are in no log message, from any logger."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from z2jh_hub.hub import log_secrets, request_limits


@pytest.fixture(autouse=True)
def _masked() -> Iterator[None]:
    factory = logging.getLogRecordFactory()
    log_secrets.mask_log()
    request_limits.limit_log()
    yield
    logging.setLogRecordFactory(factory)


@pytest.mark.parametrize(
    ("message", "logged"),
    [
        ("GET /hub/oauth_callback?code=c0&state=s1&iss=https", "?code=[secret]&state=[secret]&iss"),
        ("uri='/hub/x?state=s1', version", "uri='/hub/x?state=[secret]', version"),
        ("{'access_token': 'c0', 'expires_in': 3600}", "{'access_token': '[secret]', 'expires_in'"),
        ('{"id_token": "c0"}', '{"id_token": "[secret]"}'),
        (f"token: {'.'.join(('eyJhbGciOiJS', 'c0' * 300, 's1'))} is bad", "token: [secret] is bad"),
    ],
)
def test_message(message: str, logged: str, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("any").warning("%s", message)
    text = caplog.records[0].getMessage()
    assert logged in text
    assert not {"c0", "s1"} & set(text.replace("=", " ").replace("'", " ").split())


def test_traceback(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError({"access_token": "c0" * 300})
    except ValueError:
        logging.getLogger("any").exception("failed")
    text = logging.Formatter().format(caplog.records[0])
    assert "c0" not in text
    assert "ValueError: {'access_token': '[secret]'}" in text


def test_other_messages_are_unchanged(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("any").warning("200 GET /hub/spawn?profile=%s", "large")
    assert caplog.records[0].getMessage() == "200 GET /hub/spawn?profile=large"
