"""Requests to the hub's API."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import aiohttp

from .. import ChoreError

TIMEOUT = aiohttp.ClientTimeout(total=30)


async def user(api: str, token: str, name: str) -> dict[str, Any]:
    """Return the hub's model of a user. Raises ChoreError."""
    url = f"{api}/users/{quote(name, safe='')}"
    headers = {"Authorization": f"token {token}", "Accept": "application/json"}
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as session,
            session.get(url, headers=headers) as response,
        ):
            status, model = response.status, await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        why = str(error) or type(error).__name__
        raise ChoreError(f"the hub at {api} does not answer: {why}") from None
    if status == 404:
        raise ChoreError(f"the hub at {api} has no user named {name}")
    if status in (401, 403):
        raise ChoreError(
            f"the hub at {api} rejects the token, which needs the scopes read:users:activity and "
            "read:servers"
        )
    if status != 200 or not isinstance(model, dict):
        raise ChoreError(f"the hub at {api} answered {status}")
    return model
