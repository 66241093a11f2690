"""The command line, environment and directories of a container, prepared before its start."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .addresses import SERVICE_URL, bind_to
from .environment import Lookup, base_environment, container_environment, expand, search_path
from .images import Images
from .mounts import Mounts, arrange
from .volumes import Volumes

DEFAULT_PORT = 8888

#: directories in which Jupyter looks for files, used if something is mounted there
JUPYTER_PATHS = {
    "JUPYTER_CONFIG_PATH": ("/etc/jupyter", "/usr/local/etc/jupyter", "/opt/conda/etc/jupyter"),
    "JUPYTER_PATH": ("/usr/local/share/jupyter", "/opt/conda/share/jupyter"),
}

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Workspace:
    """The command line, environment and directory of a container, with local paths."""

    argv: list[str]
    env: dict[str, str]
    cwd: Path
    mounts: Mounts

    def command(self, words: Sequence[str]) -> list[str]:
        """Return another command for the container, with local paths."""
        return [self.mounts.rewrite(word) for word in words]


class NoCommand(Exception):
    """No command is configured for an image."""


def prepare(
    pod: Json,
    container: Json,
    *,
    main: bool,
    ip: str,
    root: Path,
    state: Path,
    volumes: Volumes,
    images: Images,
    lookup: Lookup,
) -> Workspace:
    """Create the directories of a container, and return how to run it.

    Raises NoCommand, ConfigMissing (a Secret, ConfigMap or key is absent) or OSError.
    """
    argv = images.argv(container, main=main, ip=ip, port=first_port(container))
    if not argv:
        raise NoCommand(container.get("image") or "")
    own = container_environment(container, pod, lookup)
    mounts = arrange(container, own, root, state, volumes.directory)
    env = _environment(pod, own, mounts, ip)
    listen = [re.sub(r"(?<![\d.])0\.0\.0\.0(?![\d.])", ip, expand(word, own)) for word in argv]
    cwd = mounts.local(container["workingDir"]) if container.get("workingDir") else None
    if cwd is not None and not cwd.is_dir():
        cwd.mkdir(parents=True, mode=0o700)
    return Workspace(
        [mounts.rewrite(word) for word in listen], env, cwd or mounts.local_home, mounts
    )


def first_port(container: Json) -> int:
    """Return the first port of a container, or the default port."""
    ports = container.get("ports") or []
    return int(ports[0]["containerPort"]) if ports else DEFAULT_PORT


def _environment(pod: Json, own: Mapping[str, str], mounts: Mounts, ip: str) -> dict[str, str]:
    env = {
        **base_environment(),
        "HOSTNAME": pod["metadata"]["name"],
        "HOME": str(mounts.local_home),
        **{name: _path_list(places, mounts) for name, places in JUPYTER_PATHS.items()},
        **mounts.rewrite_environment(own),
    }
    env["PATH"] = search_path(own.get("PATH", ""))
    if SERVICE_URL in env:
        env[SERVICE_URL] = bind_to(env[SERVICE_URL], ip)
    return {name: value for name, value in env.items() if value or name in own}


def _path_list(places: Sequence[str], mounts: Mounts) -> str:
    local = [mounts.local(place) for place in places]
    return ":".join(str(path) for path in local if path.is_dir())
