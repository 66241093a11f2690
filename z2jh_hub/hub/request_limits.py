"""Limit the content of requests to the hub, and how much of it the hub logs.

JupyterHub accepts bodies of up to 100 MB from anyone, and logs all of a body that it cannot parse.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from typing import Any

from jupyterhub import orm
from jupyterhub.apihandlers.base import APIHandler
from jupyterhub.apihandlers.groups import GroupUsersAPIHandler
from jupyterhub.apihandlers.users import UserServerAPIHandler
from jupyterhub.handlers.pages import SpawnHandler
from tornado.web import HTTPError

from ..spawner import upstream, user_options
from . import log_records

MAX_WORD = 200  # characters without a space between them, in a log line
MAX_LINE = 2000
MAX_RECORD = 32 * 1024
_LONG_WORD = re.compile(rf"(\S{{{MAX_WORD}}})\S+")


_installed = False


def install() -> None:
    """Install the limits in this process, once."""
    global _installed
    if _installed:
        return
    _installed = True
    # first: the next class inherits from this one
    upstream.check_after_login(APIHandler, check_size)
    upstream.check_before(UserServerAPIHandler, check_server_request)
    upstream.check_before(SpawnHandler, check_spawn_request)
    limit_log()


def check_size(handler: Any) -> None:
    """Raise HTTPError for a large request to the API that is not an administrator's or a service's.

    JupyterHub stores parts of some of them, such as the note of a token.
    """
    requester = handler.current_user
    trusted = isinstance(requester, orm.Service) or getattr(requester, "admin", False)
    # anyone who manages a group may add a class of students at once
    manages_group = isinstance(handler, GroupUsersAPIHandler) and requester is not None
    size = len(handler.request.body)
    if size > user_options.MAX_BYTES and not trusted and not manages_group:
        raise HTTPError(413, f"The request is larger than {user_options.MAX_BYTES // 1024} KiB.")


def check_server_request(handler: Any) -> None:
    """Raise HTTPError for a request to the servers API with an invalid body."""
    body = handler.request.body
    if len(body) > user_options.MAX_BYTES:
        raise HTTPError(413, user_options.TOO_LARGE)
    _decode(body)
    try:
        model = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise HTTPError(400, "The body of the request is not JSON.") from None
    if isinstance(model, dict):
        user_options.check(model)
        user_options.check(model.get("user_options") or {})  # of a server that is not started yet
        _storable(model.get("display_name"), model.get("name"))


def check_spawn_request(handler: Any) -> None:
    """Raise HTTPError for a form or a link with arguments that are not text."""
    request = handler.request
    for fields in (request.query_arguments, request.body_arguments):
        for name, values in fields.items():
            _storable(name)
            for value in values:
                _storable(_decode(value))


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise HTTPError(400, "The request has characters that are not UTF-8.") from None


def _storable(*texts: Any) -> None:
    """Raise HTTPError for text that a database rejects."""
    for text in texts:
        if isinstance(text, str) and re.search("[\0\ud800-\udfff]", text):
            raise HTTPError(400, "The request has characters that cannot be stored.")


def limit_log() -> None:
    """Shorten all log messages of this process, since most contain text of users."""
    log_records.change_all(_limit)


def _limit(record: logging.LogRecord) -> None:
    message = record.getMessage()
    short = shorten(message)
    if short is not message:
        record.msg, record.args = short, None
    if record.exc_info and record.exc_info[1] and _is_long(record.exc_info[1]):
        text = record.exc_text or "".join(traceback.format_exception(record.exc_info[1]))
        record.exc_text = shorten(text.rstrip())


def _is_long(error: BaseException | None) -> bool:
    """Return whether an error or one of its causes has a message that is longer than a word."""
    for _ in range(20):
        if error is None:
            return False
        if len(str(error)) > MAX_WORD:
            return True
        error = error.__cause__ or error.__context__
    return True


def shorten(text: str) -> str:
    """Return `text` with long words and lines shortened."""
    if len(text) <= MAX_WORD:
        return text
    # keep the end, where a traceback names the exception
    ends = text if len(text) <= 4 * MAX_RECORD else f"{text[:MAX_RECORD]}…{text[-MAX_RECORD:]}"
    short = _LONG_WORD.sub(r"\1…", ends)
    lines = (line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]}…" for line in short.split("\n"))
    short = "\n".join(lines)
    return text if short == text else short
