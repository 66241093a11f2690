"""`hub.services.*`: services of JupyterHub, each with a token of its own."""

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
    """Each service is a mapping (or null, which is none)."""
    services = values.get("hub.services")
    for key, service in services.items() if isinstance(services, dict) else ():
        if service is not None and not isinstance(service, dict):
            yield values.problem(
                f"hub.services.{key}",
                "not a service",
                given=service,
                expected="a mapping such as {url: …, admin: …}; {} is a service with a token only",
            )


def apply(values: Values, c: Config) -> None:
    """Add each service under its key, or the `name` it gives, with the token of its Secret."""
    for key, service in (values.get("hub.services") or {}).items():
        if service is None:
            continue
        given_token = service.pop("apiToken", None) or service.get("api_token")
        service.setdefault("name", key)
        # a service that the hub starts itself gets a new token at each start
        token = given_token or values.secret(f"hub.services.{key}.apiToken")
        if token:
            service["api_token"] = token
        c.JupyterHub.services.append(service)
