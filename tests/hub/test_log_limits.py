"""Log messages about requests are short, from any logger."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from z2jh_hub.hub import request_limits


@pytest.fixture(autouse=True)
def _limited() -> Iterator[None]:
    factory = logging.getLogRecordFactory()
    request_limits.limit_log()
    yield
    logging.setLogRecordFactory(factory)


def test_long_word_is_shortened_even_in_arguments(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("any").warning("Failed login for %s, %d", "u" * 10**6, 7)
    message = caplog.records[0].getMessage()
    assert message == f"Failed login for {'u' * 200}… 7"


def test_long_text_is_shortened(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("any").warning("a " * 10**6)
    logging.getLogger("any").warning("a\n" * 10**6)
    assert all(len(record.getMessage()) < 2**17 for record in caplog.records)


def test_a_traceback_is_shortened_with_its_causes(caplog: pytest.LogCaptureFixture) -> None:
    try:
        try:
            raise ValueError("x" * 10**6)
        except ValueError as error:
            raise RuntimeError("short") from error
    except RuntimeError:
        logging.getLogger("any").exception("failed")
    text = logging.Formatter().format(caplog.records[0])
    assert "x" * 201 not in text
    assert "RuntimeError: short" in text


def test_other_messages_are_unchanged(caplog: pytest.LogCaptureFixture) -> None:
    lines = "\n".join(f"line {number}" for number in range(200))
    logging.getLogger("any").warning("%s", lines)
    logging.getLogger("any").warning("%(key)s", {"key": "value"})
    assert [record.getMessage() for record in caplog.records] == [lines, "value"]
