"""Questions to the API of the proxy."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from . import http
from .layout import HOST, Ports

Routes = dict[str, dict[str, Any]]


def routes(ports: Ports, token: str) -> Routes | None:
    """Return the routes of the proxy by path; None while it does not answer."""
    url = f"http://{HOST}:{ports.proxy_api}/api/routes"
    request = urllib.request.Request(url, headers={"Authorization": f"token {token}"})
    try:
        with http.get(request) as answer:
            current: Routes = json.loads(answer.read())
            return current
    except (OSError, ValueError):
        return None


def hub_path(ports: Ports, token: str) -> str | None:
    """Return the path under which the proxy serves the hub; None before it has that route."""
    for route, target in (routes(ports, token) or {}).items():
        if target.get("hub"):
            path = route.partition("/")[2].rstrip("/")
            return f"/{path}/" if path else "/"
    return None
