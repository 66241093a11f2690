"""Compare the addresses of the hub and its services with those of the chart's objects.

The real application derives the hub's addresses from its traits; the chart's are derived in the
same way, from what the sections set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from traitlets.config import Config

from ..config import keys
from ..config.sections import hub, proxy
from . import load_config

# trait of JupyterHub → the address that it is a part of
HUB_TRAITS = {
    "base_url": "base_url",
    "bind_url": "base_url",
    "ip": "base_url",
    "port": "base_url",
    "hub_bind_url": "hub_bind_url",
    "hub_ip": "hub_bind_url",
    "hub_port": "hub_bind_url",
    "hub_connect_url": "hub_connect_url",
    "hub_connect_ip": "hub_connect_url",
    "hub_connect_port": "hub_connect_url",
}
# values that say what the chart does anyway
HARMLESS = {
    "ip": ("", "0.0.0.0", "::"),
    "port": (8000,),
    "bind_url": ("http://:8000", "http://0.0.0.0:8000", "http://:8000/", "http://0.0.0.0:8000/"),
    "hub_ip": ("", "0.0.0.0", "::"),
    "hub_port": (8081,),
    "hub_connect_ip": ("", "hub"),
    "hub_connect_port": (0, 8081),
}
PROXY_TRAITS = ("api_url", "should_start")
LOCAL = ("localhost", "127.0.0.1", "::1", "0.0.0.0")
# the port of the hub's container and of its Service
HUB_PORT = 8081

Addresses = Mapping[str, str]


def differences(loaded: load_config.Loaded) -> list[dict[str, Any]]:
    """Return the traits whose address does not fit.

    Each is {class, trait, value, expected, place, address, problem}: `problem` is the `address`
    of which the trait is a part, if that differs from the chart's, or else "unused".
    """
    chart = Config()
    keys.apply(hub.KEYS, loaded.values, chart)
    for section in (hub, proxy):
        section.apply(loaded.values, chart)
    # the chart's templates read this key, too
    given = loaded.values.get("hub.config.JupyterHub.base_url")
    if isinstance(given, str):
        chart.JupyterHub.base_url = given
    return [*_of_hub(loaded, chart), *_of_proxy(loaded, chart)]


def _of_hub(loaded: load_config.Loaded, chart: Config) -> Iterator[dict[str, Any]]:
    mine, theirs = (_network(config) for config in (loaded.config, chart))
    changed = {
        trait: value
        for trait, value in mine.items()
        if value != theirs.get(trait) and value not in HARMLESS.get(trait, ())
    }
    if not changed:
        return
    expected, actual = _addresses(theirs), _addresses(mine)
    for trait, value in changed.items():
        name = HUB_TRAITS[trait]
        rest = {other: given for other, given in mine.items() if other != trait}
        if trait in theirs:
            rest[trait] = theirs[trait]
        unused = _addresses(rest)[name] == actual[name]
        if unused or _differs(name, actual[name], expected[name]):
            wanted = expected[name] if unused else theirs.get(trait)
            yield _difference(loaded, "JupyterHub", trait, value, wanted,
                              "unused" if unused else name)  # fmt: skip


def _of_proxy(loaded: load_config.Loaded, chart: Config) -> Iterator[dict[str, Any]]:
    section = "ConfigurableHTTPProxy"
    for trait in PROXY_TRAITS:
        value, expected = loaded.config[section].get(trait), chart[section].get(trait)
        started = trait == "should_start" and value is True
        local = trait == "api_url" and isinstance(value, str) and host_of(value) in LOCAL
        if started or local:
            yield _difference(loaded, section, trait, value, expected, trait)


def _difference(
    loaded: load_config.Loaded, name: str, trait: str, value: Any, expected: Any, problem: str
) -> dict[str, Any]:
    return {
        "class": name, "trait": trait, "value": value, "expected": expected,
        "place": loaded.places.get((name, trait)), "address": HUB_TRAITS.get(trait, trait),
        "problem": problem,
    }  # fmt: skip


def _network(config: Config) -> dict[str, Any]:
    """Return the traits of which the addresses are made; a wrong type is reported elsewhere."""
    traits = config.JupyterHub
    return {
        trait: traits[trait]
        for trait in HUB_TRAITS
        if trait in traits and isinstance(traits[trait], (str, int))
    }


def _addresses(traits: Mapping[str, Any]) -> Addresses:
    """Return the addresses that the application derives from these traits."""
    # imported late, because it imports JupyterHub
    from .trial_hub import TrialHub

    app = TrialHub(config=Config({"JupyterHub": dict(traits)}))
    app.log.disabled = True
    app.init_hub()
    return {
        "base_url": app.base_url,
        "hub_bind_url": app.hub.bind_url,
        "hub_connect_url": app.hub.url,
    }


def _differs(name: str, value: str, chart: str) -> bool:
    """Return whether an address leads elsewhere. Another name of the same Service does not."""
    if name == "base_url":
        return value.strip("/") != chart.strip("/")
    if name == "hub_bind_url":
        return port_of(value) != port_of(chart) or host_of(value) in LOCAL[:3]
    same_service = host_of(value).partition(".")[0] == host_of(chart)
    return host_of(value) in LOCAL or (same_service and port_of(value) != port_of(chart))


def host_of(url: str) -> str:
    """Return the host of a URL, in lower case; "" if it has none."""
    return _split(url).hostname or ""


def port_of(url: str) -> int | None:
    """Return the port that a URL names; None if it names none."""
    try:
        return _split(url).port
    except ValueError:
        return None


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
