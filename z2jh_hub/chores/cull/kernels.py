"""Jupyter Server's own settings that stop kernels, terminals or the server.

Only values that configure user servers are searched; settings in an image are unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...config.sources import parse
from ...config.values import Values

# trait: its effect
TRAITS = {
    "cull_idle_timeout": "stops kernels after this many seconds without activity",
    "cull_interval": "seconds between two checks",
    "cull_connected": "whether kernels that are open in a browser are stopped too",
    "cull_busy": "whether busy kernels are stopped too",
    "cull_inactive_timeout": "stops terminals after this many seconds without activity",
    "shutdown_no_activity_timeout": "stops the server after this many seconds without a kernel, "
    "terminal or request",
}
_SETTING = re.compile(rf"\b(\w+)\.({'|'.join(TRAITS)})\s*=\s*[\"']?([\w.]+)")


@dataclass(frozen=True)
class Inside:
    """A setting of a user server: its name, value and effect, and the key that contains it."""

    name: str
    value: str
    effect: str
    where: str


def settings_inside(values: Values) -> list[Inside]:
    """Return the settings for user servers that the values contain."""
    return [
        Inside(f"{owner}.{trait}", value, TRAITS[trait], where)
        for where, content in _sources(values)
        for owner, trait, value in _settings(content)
    ]


def _sources(values: Values) -> Iterator[tuple[str, Any]]:
    """Yield (key, text or mapping) for each value that may configure Jupyter Server."""
    files = values.get("singleuser.extraFiles")
    for name, file in files.items() if isinstance(files, dict) else ():
        for part in ("data", "stringData"):
            if isinstance(file, dict) and file.get(part):
                yield f"singleuser.extraFiles.{name}.{part}", file[part]
    yield "singleuser.cmd", values.get("singleuser.cmd")
    config = values.get("hub.config")
    for name, traits in config.items() if isinstance(config, dict) else ():
        for trait in ("args", "cmd"):
            if isinstance(traits, dict) and traits.get(trait):
                yield f"hub.config.{name}.{trait}", traits[trait]
    snippets = values.get("hub.extraConfig")
    for name, text in snippets.items() if isinstance(snippets, dict) else ():
        yield f"hub.extraConfig.{name}", text


def _settings(content: Any) -> Iterator[tuple[str, str, str]]:
    """Yield (class, trait, value) from a mapping of classes, YAML, Python code or arguments."""
    if isinstance(content, list):
        content = "\n".join(map(str, content))
    if isinstance(content, str):
        yield from ((owner, trait, value) for owner, trait, value in _SETTING.findall(content))
        try:
            content = parse(content, "").data
        except Exception:  # Python, not YAML or JSON
            return
    for owner, traits in content.items() if isinstance(content, Mapping) else ():
        for trait, value in traits.items() if isinstance(traits, Mapping) else ():
            if trait in TRAITS:
                yield str(owner), trait, str(value).lower()
