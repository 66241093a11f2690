"""Hide codes and tokens of login providers in every log message.

Tornado logs the whole URL of a failed request, and OAuthenticator what a provider answered.
"""

from __future__ import annotations

import logging
import re
import traceback

from . import log_records

HIDDEN = "[secret]"
# what JupyterHub hides in its own messages about requests
_QUERY = re.compile(
    r"(?P<start>[?&][^\s=&'\"]*(?:token|auth|key|code|state|_xsrf)[^\s=&'\"]*=)[^\s&'\"]+"
)
_FIELD = re.compile(
    r"(?P<start>[\"'](?:access_token|refresh_token|id_token|client_secret|code_verifier)[\"']"
    r"\s*:\s*[\"'])[^\"']+"
)
_JWT = re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")

_installed = False


def install() -> None:
    """Mask the log of this process, once."""
    global _installed
    if not _installed:
        _installed = True
        mask_log()


def mask_log() -> None:
    """Mask all log messages of this process, and the tracebacks in them."""
    log_records.change_all(_mask)


def _mask(record: logging.LogRecord) -> None:
    message = record.getMessage()
    hidden = mask(message)
    if hidden != message:
        record.msg, record.args = hidden, None
    if record.exc_info and record.exc_info[1]:
        text = "".join(traceback.format_exception(record.exc_info[1])).rstrip()
        hidden = mask(text)
        if hidden != text:
            record.exc_text = hidden


def mask(text: str) -> str:
    """Return `text` without codes and tokens."""
    for pattern in (_QUERY, _FIELD):
        text = pattern.sub(rf"\g<start>{HIDDEN}", text)
    return _JWT.sub(HIDDEN, text)
