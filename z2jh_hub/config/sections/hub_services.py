"""`hub.services.*`: services of JupyterHub, each with an API token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import Problem
from ..keys import MAPPING, Key

if TYPE_CHECKING:
    from traitlets.config import Config

    from ..values import Values

KEYS = (Key("hub.services", MAPPING),)


def problems(values: Values) -> Iterator[Problem]:
    """Report services that are not mappings or null."""
    services = values.get("hub.services")
    for key, service in services.items() if isinstance(services, dict) else ():
        if service is not None and not isinstance(service, dict):
            yield values.problem(
                f"hub.services.{key}",
                "invalid service",
                given=service,
                expected="a mapping such as {url: …, admin: …}; {} is a service with a token only",
            )


def apply(values: Values, c: Config) -> None:
    """Add each service under its `name`, or else its key, with the token of the hub's Secret."""
    for key, service in (values.get("hub.services") or {}).items():
        if service is None:
            continue
        token_in_values = service.pop("apiToken", None) or service.get("api_token")
        service.setdefault("name", key)
        # without a token, the hub generates one for each service that it starts
        token = token_in_values or values.secret(f"hub.services.{key}.apiToken")
        if token:
            service["api_token"] = token
        c.JupyterHub.services.append(service)
