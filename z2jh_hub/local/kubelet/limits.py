"""Memory and CPU limits of containers, by control groups where this user may write them.

Never by RLIMIT_AS: it counts reserved address space, and Node reserves gigabytes at start.
Both hierarchies are known: version 2 (one tree) and version 1 (one tree for each controller);
facts from the kernel's Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst.
"""

import contextlib
import logging
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

CPU_PERIOD = 100_000  # microseconds


@dataclass(frozen=True)
class Group:
    """One container's control groups."""

    folders: Sequence[Path]

    @property
    def procs(self) -> list[Path]:
        return [folder / "cgroup.procs" for folder in self.folders]

    def oom_killed(self) -> bool:
        """Whether the kernel killed something in it for want of memory."""
        for folder in self.folders:
            for name in ("memory.events", "memory.oom_control"):
                with contextlib.suppress(OSError):
                    counts = dict(line.split() for line in (folder / name).read_text().splitlines())
                    if int(counts.get("oom_kill", 0)) > 0:
                        return True
        return False

    def remove(self) -> None:
        """Take the empty groups away; one that still holds a process stays."""
        for folder in self.folders:
            with contextlib.suppress(OSError):
                folder.rmdir()


class Limits:
    """Makes a group for each container, below `parents`: a folder for each kind of tree."""

    def __init__(self, parents: Mapping[str, Path]) -> None:
        self.parents = parents  # "unified", or "memory" and "cpu"

    def group(self, name: str, limits: Mapping[str, float]) -> Group | None:
        """The group for a container; None where none can be.

        `limits`: `memory` in bytes, `cpu` in cores; a missing one is not limited.
        """
        folders = []
        for kind, parent in self.parents.items():
            folder = parent / name
            try:
                folder.mkdir(exist_ok=True)
                for file, text in _settings(kind, limits).items():
                    _write(folder / file, text)
            except OSError as error:
                log.warning("No %s limit for %s: %s", kind, name, error)
                continue
            folders.append(folder)
        return Group(folders) if folders else None

    def recalled(self, procs: Sequence[Path]) -> Group | None:
        """The group of a container that an earlier kubelet started."""
        return Group([path.parent for path in procs]) if procs else None

    def close(self) -> None:
        for parent in self.parents.values():
            with contextlib.suppress(OSError):
                parent.rmdir()


def _settings(kind: str, limits: Mapping[str, float]) -> dict[str, str]:
    quota = str(int(limits["cpu"] * CPU_PERIOD)) if "cpu" in limits else None
    limit = str(int(limits["memory"])) if "memory" in limits else None
    table = {
        "unified": {
            "memory.max": limit,
            "memory.swap.max": limit and "0",
            "memory.oom.group": "1",
            "cpu.max": quota and f"{quota} {CPU_PERIOD}",
        },
        "memory": {"memory.limit_in_bytes": limit, "memory.memsw.limit_in_bytes": limit},
        "cpu": {"cpu.cfs_quota_us": quota},
    }
    return {file: text for file, text in table[kind].items() if text}


def _write(file: Path, text: str) -> None:
    # a kernel without swap accounting has no such file, and no swap to account
    if file.exists() or ("swap" not in file.name and "memsw" not in file.name):
        file.write_text(text)


def find_limits(name: str) -> Limits:
    """What this machine offers, tried out; says so once when memory cannot be limited.

    `name` keeps the groups of two instances apart.
    """
    version1 = {kind: _parent(_mounts(kind), _own(kind), name) for kind in ("memory", "cpu")}
    parents = {kind: folder for kind, folder in version1.items() if folder and _usable(folder)}
    if "memory" not in parents:
        unified = _unified_parent(name)
        if unified and _usable(unified):
            return Limits({"unified": unified})
        log.warning(
            "Memory limits of pods are not enforced: this user can make no control group here. "
            "On a systemd machine `systemd-run --user --scope -p Delegate=yes` gives one."
        )
    return Limits(parents)


def _mounts(kind: str) -> Path | None:
    """Where the hierarchy is mounted ("" for version 2)."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mounts").read_text().splitlines():
            _, place, type_, options, *_ = line.split()
            if (type_ == "cgroup" and kind and kind in options.split(",")) or (
                type_ == "cgroup2" and not kind
            ):
                return Path(place)
    return None


def _own(kind: str) -> str:
    """This process' path in the hierarchy ("" for version 2)."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if (kind in controllers.split(",")) if kind else not controllers:
                return path.strip("/")
    return ""


def _parent(mount: Path | None, own: str, name: str) -> Path | None:
    if mount is None:
        return None
    # in a container the path may be the host's, which does not exist
    for base in (mount / own, mount):
        with contextlib.suppress(OSError):
            (base / name).mkdir(exist_ok=True)
            return base / name
    return None


def _unified_parent(name: str) -> Path | None:
    """A group whose children can be limited: the nearest to this process that allows it."""
    mount = _mounts("")
    if mount is None:
        return None
    own = mount / _own("")
    for base in (own, *own.parents):
        if not base.is_relative_to(mount):
            break
        with contextlib.suppress(OSError):
            if "memory" not in (base / "cgroup.subtree_control").read_text().split():
                (base / "cgroup.subtree_control").write_text("+memory +cpu")
            (base / name).mkdir(exist_ok=True)
            (base / name / "cgroup.subtree_control").write_text("+memory +cpu")
            return base / name
    return None


def _usable(parent: Path) -> bool:
    """Whether a process of ours can really move into a group below."""
    trial = parent / f"trial-{os.getpid()}"
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        trial.mkdir()
        try:
            command = 'echo $$ >"$1"'
            done = subprocess.run(
                ["/bin/sh", "-c", command, "sh", str(trial / "cgroup.procs")],
                stderr=subprocess.DEVNULL,
                timeout=10,
                check=False,
            )
            return done.returncode == 0
        finally:
            trial.rmdir()
    return False
