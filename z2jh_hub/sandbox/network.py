"""Compare the hub's addresses with those that the chart's objects use."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from traitlets.config import Config

from ..config import keys
from ..config.sections import hub, proxy
from . import load_config

TRAITS = (
    ("JupyterHub", "base_url"),
    ("JupyterHub", "hub_bind_url"),
    ("JupyterHub", "hub_connect_url"),
    ("ConfigurableHTTPProxy", "api_url"),
    ("ConfigurableHTTPProxy", "should_start"),
)
_LOCAL = ("localhost", "127.0.0.1", "::1")


def differences(found: load_config.Loaded) -> list[dict[str, Any]]:
    """Return {class, trait, value, expected, place} for each address that the chart cannot know."""
    chart = Config()
    keys.apply(hub.KEYS, found.values, chart)
    for section in (hub, proxy):
        section.apply(found.values, chart)
    # the chart's templates read this key, too
    given = found.values.get("hub.config.JupyterHub.base_url")
    if isinstance(given, str):
        chart.JupyterHub.base_url = given
    return [
        {"class": name, "trait": trait, "value": value, "expected": chart[name].get(trait),
         "place": found.places.get((name, trait))}
        for name, trait in TRAITS
        if name in found.config and trait in found.config[name]
        and isinstance(value := found.config[name][trait], (str, bool))
        and _differs(trait, value, chart[name].get(trait))
    ]  # fmt: skip


def _differs(trait: str, value: Any, chart: Any) -> bool:
    """Return whether an address leads elsewhere. Another name of the same Service does not."""
    if trait == "base_url":
        return str(value).strip("/") != str(chart or "/").strip("/")
    if trait == "should_start":
        return value is True
    one, other = urlsplit(str(value)), urlsplit(str(chart))
    if trait == "hub_bind_url":
        return _port(one) != _port(other) or one.hostname in _LOCAL
    return one.hostname in _LOCAL


def _port(url: Any) -> int | None:
    try:
        port: int | None = url.port
    except ValueError:
        return None
    return port
