"""Render the chart's objects with Helm's own code, if it is installed."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import yaml

from ...chart import chart_files
from ...config.values import Values

# parts of names of objects that differ in every revision
_EVERY_TIME = ("checksum/", "hook-image-puller", "hook-image-awaiter")


class NotRendered(Exception):
    """The objects cannot be compared; the message says why."""


def render(values: Values, chart: Path | None = None) -> dict[str, Any]:
    """Return {`Kind/name`: object} of the chart with `values`. Raises NotRendered."""
    try:
        import helm_python
    except ImportError:
        raise NotRendered("Helm's code is not installed: pip install 'z2jh-hub[diff]'") from None
    folder = chart or chart_files.folder()
    if folder is None:
        raise NotRendered("the chart is not installed here: specify its directory with --chart")
    helm_python.disable_logging()
    try:
        with helm_python.Chart.load(folder) as loaded:
            rendered = loaded.render(
                dict(values.given), name="jupyterhub", namespace="default", revision=2,
                is_install=False, is_upgrade=True,
            )  # fmt: skip
    except helm_python.HelmError as error:
        raise NotRendered(f"Helm rejects the values: {error}") from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return {
        f"{obj['kind']}/{obj['metadata']['name']}": _readable(obj)
        for name, text in sorted(rendered.items())
        if name.endswith(".yaml")
        for obj in yaml.load_all(text, Loader=loader)
        if obj
    }


def _readable(obj: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a Secret with its data decoded; other objects are returned unchanged."""
    if obj["kind"] != "Secret":
        return obj
    data = {k: base64.b64decode(v).decode("utf-8", "replace")
            for k, v in (obj.get("data") or {}).items()}  # fmt: skip
    return {**obj, "data": data}


def restarts(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    """Return the workloads whose running pods are replaced."""
    return {
        name for name in old.keys() & new.keys() if _template(old[name]) != _template(new[name])
    }


def _template(obj: dict[str, Any]) -> Any:
    return (obj.get("spec") or {}).get("template")


def is_comparable(name: str) -> bool:
    """Return whether a change of the object `Kind/name` is caused by the values."""
    return not any(word in name for word in _EVERY_TIME)
