"""What Kubernetes, and users' servers, answer: refusals, doubt, silence."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aiohttp
from kubernetes_asyncio.client.exceptions import ApiException

from ..config.api_statuses import RETRYABLE
from ..failures import Fact

CONNECT = aiohttp.ClientTimeout(total=5)  # for one try to reach a server
UNREACHABLE = (aiohttp.ClientError, TimeoutError, OSError)


class Refused(Exception):
    """The hub itself does not go on with a start; `fact` says why, for the catalogue."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(f"{fact.reason}: {fact.message}")
        self.fact = fact


async def answers(url: str) -> bool:
    """Whether there is a server at `url`, whatever it says."""
    try:
        async with (
            aiohttp.ClientSession(timeout=CONNECT) as session,
            session.get(url, ssl=False, allow_redirects=False),
        ):
            return True
    except aiohttp.ClientSSLError:
        return True  # it wants a certificate of the hub's, which JupyterHub shows
    except UNREACHABLE:
        return False


def refusal(error: BaseException) -> Fact | None:
    """Why there will be no pod, if that is what `error` says."""
    if isinstance(error, Refused):
        return error.fact
    if isinstance(error, aiohttp.ClientError):
        return Fact("refused", "0", str(error))
    if not isinstance(error, ApiException):
        return None
    try:
        said = json.loads(error.body or "")["message"]
    except (ValueError, KeyError, TypeError):
        said = error.reason or ""
    return Fact("refused", str(error.status), str(said))


async def ask(call: Callable[..., Any], *args: Any, timeout: float, **more: Any) -> Any:
    """What Kubernetes answers to a call of the client, as JSON; in `timeout` seconds.

    Models of many objects cost much. Raises ApiException, as with them: asked so, the client
    leaves it to the caller to look at the status.
    """
    response = await call(*args, _preload_content=False, _request_timeout=timeout, **more)
    text = await response.text()
    if response.status >= 400:
        error = ApiException(status=response.status, reason=response.reason)
        error.body = text
        raise error
    return json.loads(text)


def is_passing(error: BaseException) -> bool:
    """Whether the same request may succeed in a moment."""
    if isinstance(error, ApiException):
        return error.status in RETRYABLE
    return isinstance(error, UNREACHABLE)
