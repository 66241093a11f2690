"""`proxy.*`: how the hub talks to configurable-http-proxy, which runs in a pod of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from traitlets.config import Config

    from ..values import Values


def apply(values: Values, c: Config) -> None:
    """The proxy's API. Its token comes by CONFIGPROXY_AUTH_TOKEN, from the hub's Secret."""
    port = values.env("PROXY_API_SERVICE_PORT", "8001")
    c.ConfigurableHTTPProxy.api_url = f"http://{values.name('proxy-api')}:{port}"
    c.ConfigurableHTTPProxy.should_start = False
