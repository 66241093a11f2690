"""The chart's objects, rendered by Helm's own code where that is installed."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import yaml

from ...chart import chart_files
from ...config.values import Values

# parts that differ in every revision
_EVERY_TIME = ("checksum/", "hook-image-puller", "hook-image-awaiter")


class NotRendered(Exception):
    """Why the objects cannot be compared here."""


def render(values: Values, chart: Path | None = None) -> dict[str, Any]:
    """{`Kind/name`: object}. Raises NotRendered."""
    try:
        import helm_python
    except ImportError:
        raise NotRendered("Helm's code is not installed: pip install 'z2jh-hub[diff]'") from None
    folder = chart or chart_files.folder()
    if folder is None:
        raise NotRendered("there is no chart here: name one with --chart")
    helm_python.disable_logging()
    try:
        with helm_python.Chart.load(folder) as loaded:
            rendered = loaded.render(
                dict(values.given), name="jupyterhub", namespace="default", revision=2,
                is_install=False, is_upgrade=True,
            )  # fmt: skip
    except helm_python.HelmError as error:
        raise NotRendered(f"Helm refuses the values: {error}") from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return {
        f"{thing['kind']}/{thing['metadata']['name']}": _readable(thing)
        for name, text in sorted(rendered.items())
        if name.endswith(".yaml")
        for thing in yaml.load_all(text, Loader=loader)
        if thing
    }


def _readable(thing: dict[str, Any]) -> dict[str, Any]:
    """A Secret with its texts decoded."""
    if thing["kind"] != "Secret":
        return thing
    data = {k: base64.b64decode(v).decode("utf-8", "replace")
            for k, v in (thing.get("data") or {}).items()}  # fmt: skip
    return {**thing, "data": data}


def restarts(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    """The workloads whose running pods are replaced."""
    return {
        name for name in old.keys() & new.keys() if _template(old[name]) != _template(new[name])
    }


def _template(thing: dict[str, Any]) -> Any:
    return (thing.get("spec") or {}).get("template")


def told(name: str) -> bool:
    """Whether a change of the object `Kind/name` says anything of the values."""
    return not any(word in name for word in _EVERY_TIME)
