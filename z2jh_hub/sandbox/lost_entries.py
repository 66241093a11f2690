"""Find the chart's services and roles that the administrator's code replaces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..config import configuration
from . import load_config

TRAITS = ("services", "load_roles")


def lost(loaded: load_config.Loaded) -> list[dict[str, Any]]:
    """Return {trait, names, place} for each trait that code assigned without the chart's entries.

    `names` are those of the entries that are missing.
    """
    chart, _ = configuration.plain(loaded.values)
    return list(_lost(loaded, chart))


def _lost(loaded: load_config.Loaded, chart: Any) -> Iterator[dict[str, Any]]:
    for trait in TRAITS:
        place = loaded.places.get(("JupyterHub", trait))
        if not load_config.is_of_code(place):
            continue
        present = _names(loaded.config, trait)
        missing = [name for name in _names(chart, trait) if name not in present]
        if missing:
            yield {"trait": trait, "names": missing, "place": place}


def _names(config: Any, trait: str) -> list[str]:
    hub = config.get("JupyterHub", {})
    entries = hub.get(trait)
    return [
        str(entry["name"])
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and "name" in entry
    ]
