"""Requests to Kubernetes and to user servers, and what their errors mean."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aiohttp
from kubernetes_asyncio.client.exceptions import ApiException

from ..config.api_statuses import RETRYABLE
from ..failures import Fact

CONNECT = aiohttp.ClientTimeout(total=5)  # for one attempt to reach a user server
UNREACHABLE = (aiohttp.ClientError, TimeoutError, OSError)


class Refused(Exception):
    """The hub ends a start itself; `fact` has the reason, to be looked up in the catalogue."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(f"{fact.reason}: {fact.message}")
        self.fact = fact


async def answers(url: str) -> bool:
    """Return whether a server answers at `url`, with whatever status."""
    try:
        async with (
            aiohttp.ClientSession(timeout=CONNECT) as session,
            session.get(url, ssl=False, allow_redirects=False),
        ):
            return True
    except aiohttp.ClientSSLError:
        return True  # it asks for the client certificate that JupyterHub has
    except UNREACHABLE:
        return False


def refusal(error: BaseException) -> Fact | None:
    """Return why Kubernetes, or the hub, refused the pod, or None if `error` is another one."""
    if isinstance(error, Refused):
        return error.fact
    if isinstance(error, aiohttp.ClientError):
        return Fact("refused", "0", str(error))
    if not isinstance(error, ApiException):
        return None
    try:
        message = json.loads(error.body or "")["message"]
    except (ValueError, KeyError, TypeError):
        message = error.reason or ""
    return Fact("refused", str(error.status), str(message))


async def request_json(call: Callable[..., Any], *args: Any, timeout: float, **options: Any) -> Any:
    """Return the answer to a call of the Kubernetes client as JSON, within `timeout` seconds.

    The client's models are slow for long lists. Without them, the client does not check the status
    either, so this function raises ApiException itself.
    """
    response = await call(*args, _preload_content=False, _request_timeout=timeout, **options)
    text = await response.text()
    if response.status >= 400:
        error = ApiException(status=response.status, reason=response.reason)
        error.body = text
        raise error
    return json.loads(text)


def is_transient(error: BaseException) -> bool:
    """Return whether the same request may succeed in a moment."""
    if isinstance(error, ApiException):
        return error.status in RETRYABLE
    return isinstance(error, UNREACHABLE)


def leaves_pod_unknown(error: BaseException) -> bool:
    """Return whether an error only means that Kubernetes cannot report the state of a pod."""
    if isinstance(error, ApiException):
        return error.status in RETRYABLE or error.status in (0, None, 401, 403)
    return isinstance(error, UNREACHABLE)
