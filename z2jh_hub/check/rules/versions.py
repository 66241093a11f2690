"""Compare the JupyterHub version of user images, as far as their tags show it, with the hub's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from ...config.errors import Path, Problem
from ...config.values import Values
from .. import queries

# docker-stacks' tags: `hub-4.0.2`, `2024-01-15-hub-4.0.2`
_STACKS = re.compile(r"(?:^|[-_])hub-(\d+)\.\d+")
# major version of the public chart, which is the tag of its sample image → JupyterHub's
_SAMPLE = re.compile(r"(?:^|/)k8s-singleuser-sample$")
SAMPLE_HUBS = {"0": 1, "1": 1, "2": 3, "3": 4, "4": 5}


def findings(values: Values) -> Iterator[Problem]:
    """Yield a warning for each user image with another major version of JupyterHub."""
    try:
        hub = version("jupyterhub")
    except PackageNotFoundError:
        return
    for path, name, tag in _images(values):
        major = _major(name, tag)
        if major is not None and major != int(hub.split(".")[0]):
            yield values.problem(
                path,
                f"this image has JupyterHub {major}, but the hub has JupyterHub {hub}",
                expected=f"an image with JupyterHub {hub.split('.')[0]}",
                hint="user servers may not work with a hub of another major version",
                severity="warning",
                rule="jupyterhub-version",
            )


def _images(values: Values) -> Iterator[tuple[Path, str, str]]:
    image = queries.mapping(values, "singleuser.image")
    if isinstance(image.get("tag"), str):
        yield ("singleuser", "image", "tag"), str(image.get("name")), image["tag"]
    for path, override, _ in queries.overrides(values):
        name, _, tag = str(override.get("image") or "").rpartition(":")
        yield (*path, "image"), name, tag


def _major(name: str, tag: str) -> int | None:
    match = _STACKS.search(tag)
    if match:
        return int(match[1])
    return SAMPLE_HUBS.get(tag.split(".")[0]) if _SAMPLE.search(name) else None
