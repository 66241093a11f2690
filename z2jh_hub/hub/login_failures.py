"""Explain on the page of a failed login whether the user is refused or something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tornado.web import HTTPError

from ..spawner import upstream

# ends of the paths at which authenticators log users in
PATHS = ("/login", "/oauth_callback")
# what OAuthenticator reports with status 403, although it is not about the user
_NO_TOKEN = "An access token was not returned"


@dataclass(frozen=True)
class LoginFailure:
    """What the template `error.html` shows: the name of a text, and what the authenticator says."""

    text: str
    message: str = ""


def install() -> None:
    """Have the error page of each failed login get `exception.login_failure`."""
    upstream.before_error_pages(describe)


def describe(handler: Any, status: int, error: BaseException | None) -> None:
    """Add a `login_failure` to the error of a login."""
    if error is not None and handler.request.path.endswith(PATHS):
        message = _message(error)
        refused = status == 403 and not message.startswith(_NO_TOKEN)
        own = message if refused and message != _default(handler.authenticator) else ""
        error.login_failure = LoginFailure(  # type: ignore[attr-defined]
            "login_refused" if refused else "login_failed", own
        )


def _message(error: BaseException) -> str:
    if not isinstance(error, HTTPError) or not error.log_message:
        return ""
    return error.log_message % error.args if error.args else error.log_message


def _default(authenticator: Any) -> str:
    """Return the message for refused users that OAuthenticator has without configuration."""
    return str(authenticator.trait_defaults().get("custom_403_message", ""))
