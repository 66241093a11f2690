"""The volumes of a container as directories, and its paths as paths of this machine.

Nothing is mounted. Each pod has a root directory, in which each mount is a symbolic link at its
mountPath; a mount inside another one (`/home/jovyan/shared`) is a link in the directory of the
outer mount. Paths in the environment, arguments and working directory of a program are rewritten. A
program that opens `/data` without having read the path there opens `/data` of this machine.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

DEFAULT_HOME = "/home/jovyan"

#: variables that hold the path of a URL, not of a file
NOT_PATHS = re.compile(r".*(_URL|_PREFIX|_HOST)$")

Json = Mapping[str, Any]


class Unmountable(Exception):
    """A volume or mount is not possible. The text says why."""


@dataclass
class Mounts:
    """The mounts of a container: `places` maps its paths to local ones.

    `links`: symbolic links in volumes, removed with the pod;
    `problems`: mounts that failed and why, for an event.
    """

    root: Path
    home: str = DEFAULT_HOME
    places: dict[str, Path] = field(default_factory=dict)
    links: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def local_home(self) -> Path:
        return self.places[self.home]

    def local(self, path: str) -> Path:
        """Return the local path for a path of the container."""
        for place in sorted(self.places, key=len, reverse=True):
            if PurePosixPath(path).is_relative_to(place):
                return self.places[place] / PurePosixPath(path).relative_to(place)
        return self.root / path.lstrip("/")

    def rewrite(self, text: str) -> str:
        """Replace the paths of the container in a text by local ones."""
        places = "|".join(re.escape(place) for place in sorted(self.places, key=len, reverse=True))
        pattern = rf"(?<![\w./\-])({places})(?=$|[/:;,'\"\s)\]}}])"
        return re.sub(pattern, lambda match: str(self.places[match[1]]), text)

    def rewrite_environment(self, env: Mapping[str, str]) -> dict[str, str]:
        return {
            name: value if NOT_PATHS.match(name) else self.rewrite(value)
            for name, value in env.items()
        }


def arrange(
    container: Json, env: Json, root: Path, state: Path, volume: Callable[[str], Path]
) -> Mounts:
    """Create the mounts of a container below `root`.

    `state`: the directory that holds all volumes; links into it were created here;
    `volume`: returns the directory of a volume by name, or raises Unmountable.
    """
    mounts = Mounts(root)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = sorted(container.get("volumeMounts") or [], key=lambda mount: mount["mountPath"])
    mounts.home = _home([mount["mountPath"] for mount in wanted], env)
    for mount in wanted:
        path = str(PurePosixPath(mount["mountPath"]))
        try:
            source = _source(volume(mount["name"]), mount.get("subPath") or "")
            _place(mounts, path, source, state)
        except (Unmountable, OSError) as error:
            mounts.problems.append(f"{path} (volume {mount['name']}): {error}")
    if mounts.home not in mounts.places:
        local = mounts.local(mounts.home)
        local.mkdir(parents=True, exist_ok=True, mode=0o700)
        mounts.places[mounts.home] = local
    return mounts


def take_away(links: Iterable[Path], volumes: Path) -> None:
    """Remove the links into the volumes that are removed with the pod.

    Links to claims stay, because another server with the same home may use them.
    """
    for link in links:
        if link.is_symlink() and Path(os.readlink(link)).is_relative_to(volumes):
            link.unlink()


def _home(paths: list[str], env: Json) -> str:
    """Return the home directory: HOME, else a mount directly below /home, else /home/jovyan."""
    if env.get("HOME"):
        return str(PurePosixPath(env["HOME"]))
    below = [str(PurePosixPath(path)) for path in paths if re.fullmatch(r"/home/[^/]+/?", path)]
    return DEFAULT_HOME if DEFAULT_HOME in below or not below else below[0]


def _source(folder: Path, sub_path: str) -> Path:
    """Return the directory of a volume that is mounted, and create it if it is missing."""
    if not sub_path:
        return folder
    if PurePosixPath(sub_path).is_absolute() or ".." in PurePosixPath(sub_path).parts:
        raise Unmountable(f"subPath {sub_path!r} leads out of the volume")
    part = folder / sub_path
    if not part.resolve().is_relative_to(folder.resolve()):
        raise Unmountable(f"subPath {sub_path!r} leads out of the volume by a link")
    if not part.exists():
        part.mkdir(parents=True, mode=0o700)
    return part


def _place(mounts: Mounts, path: str, source: Path, state: Path) -> None:
    """Link `path`, in the root or in the mount that contains it, to `source`."""
    outer = [place for place in mounts.places if PurePosixPath(path).is_relative_to(place)]
    if outer:
        base = mounts.places[max(outer, key=len)]
        link = base / PurePosixPath(path).relative_to(max(outer, key=len))
        _link(base, link, source, state)
        mounts.links.append(link)
    else:
        _link(mounts.root, mounts.root / path.lstrip("/"), source, state)
    mounts.places[path] = source


def _link(base: Path, link: Path, source: Path, state: Path) -> None:
    if link == base:
        raise Unmountable("something else is mounted there")
    if not link.parent.resolve().is_relative_to(base.resolve()):
        raise Unmountable(f"a link leads out of {base}")
    if link.is_symlink() and os.readlink(link) == str(source):
        return
    _make_room(link, state)
    link.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    link.symlink_to(source)


def _make_room(link: Path, state: Path) -> None:
    """Remove what an earlier mount left at `link`, but no files of the user."""
    if link.is_symlink():
        target = Path(os.readlink(link))
        in_use = target.is_relative_to(state / "pods") and target.exists()
        if target.is_relative_to(state) and not in_use:
            link.unlink()
    elif link.is_dir() and not any(link.iterdir()):
        link.rmdir()  # Kubernetes leaves such an empty directory as a mount point
    if link.is_symlink() or link.exists():
        raise Unmountable(f"the outer volume already contains {link}")
