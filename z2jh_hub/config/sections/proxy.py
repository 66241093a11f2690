"""`proxy.*`: the API of configurable-http-proxy, which runs in a separate pod."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from traitlets.config import Config

    from ..values import Values


def apply(values: Values, c: Config) -> None:
    """Set the URL of the proxy's API. Its token comes from CONFIGPROXY_AUTH_TOKEN."""
    port = values.env("PROXY_API_SERVICE_PORT", "8001")
    c.ConfigurableHTTPProxy.api_url = f"http://{values.name('proxy-api')}:{port}"
    c.ConfigurableHTTPProxy.should_start = False
