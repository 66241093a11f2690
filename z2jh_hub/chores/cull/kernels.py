"""What ends kernels, terminals or the server itself from inside: Jupyter Server's own cullers.

Where they are set is looked for in what the values bring into a user's server. An image may have
settings of its own, which nobody sees from here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...config.sources import parse
from ...config.values import Values

# trait: what it does
TRAITS = {
    "cull_idle_timeout": "ends kernels without activity for so many seconds",
    "cull_interval": "seconds between two looks",
    "cull_connected": "whether kernels that a browser has open are ended too",
    "cull_busy": "whether kernels that compute are ended too",
    "cull_inactive_timeout": "ends terminals without activity for so many seconds",
    "shutdown_no_activity_timeout": "ends the server that has no kernel, terminal or request "
    "for so many seconds",
}
_SETTING = re.compile(rf"\b(\w+)\.({'|'.join(TRAITS)})\s*=\s*[\"']?([\w.]+)")


@dataclass(frozen=True)
class Inside:
    """A setting of a user's server: its name, value, effect, and where in the values it is."""

    name: str
    value: str
    effect: str
    where: str


def found(values: Values) -> list[Inside]:
    """The settings that the values bring into a user's server."""
    return [
        Inside(f"{owner}.{trait}", value, TRAITS[trait], where)
        for where, content in _places(values)
        for owner, trait, value in _settings(content)
    ]


def _places(values: Values) -> Iterator[tuple[str, Any]]:
    """(key, text or mapping) of all that may have settings of a user's server."""
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
    """(class, trait, value) in a mapping of classes, in its text, or in Python or arguments."""
    if isinstance(content, list):
        content = "\n".join(map(str, content))
    if isinstance(content, str):
        yield from ((owner, trait, value) for owner, trait, value in _SETTING.findall(content))
        try:
            content = parse(content, "").data
        except Exception:  # it is no YAML or JSON, but Python
            return
    for owner, traits in content.items() if isinstance(content, Mapping) else ():
        for trait, value in traits.items() if isinstance(traits, Mapping) else ():
            if trait in TRAITS:
                yield str(owner), trait, str(value).lower()
