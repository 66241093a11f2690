"""Short questions to the processes of this machine."""

from __future__ import annotations

import urllib.request
from typing import Any

LIMIT = 5.0  # seconds


def get(request: urllib.request.Request | str) -> Any:
    """The answer, to be closed. Raises OSError where there is none, or it is an error."""
    # this machine's own addresses are never behind a proxy
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opener.open(request, timeout=LIMIT)


def answers(url: str) -> bool:
    """Whether a GET of `url` succeeds now."""
    try:
        with get(url):
            return True
    except OSError:
        return False
