"""The state directory of local mode: layout, version, lock and atomic writes.

version         version of the layout; a directory with another version is refused
lock            locked while a server runs
kubeconfig      for kubectl
objects.json    the objects of the API, except pods and claims
claims/NS/NAME  the data of claims; claims.json/NS/NAME.json is the record of each claim
trash/          the data of deleted claims; empty it by hand
pods/UID/       a running pod: pod.json, logs, scratch volumes
last-logs/      the last log of each container, by the name of its pod
"""

import fcntl
import json
import os
from pathlib import Path
from typing import IO, Any

VERSION = 1


class StateError(Exception):
    """The directory cannot be used. The text says why and what to do."""


class State:
    """A state directory, created with mode 0700 and locked while this object is open."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._lock: IO[str] | None = None

    @property
    def claims(self) -> Path:
        return self.root / "claims"

    @property
    def claim_records(self) -> Path:
        return self.root / "claims.json"

    @property
    def volumes(self) -> Path:
        return self.root / "volumes"

    @property
    def trash(self) -> Path:
        return self.root / "trash"

    @property
    def pods(self) -> Path:
        return self.root / "pods"

    @property
    def last_logs(self) -> Path:
        return self.root / "last-logs"

    @property
    def objects(self) -> Path:
        return self.root / "objects.json"

    @property
    def kubeconfig(self) -> Path:
        return self.root / "kubeconfig"

    def open(self) -> None:
        """Lock the directory. Raise StateError if another process has locked it."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.check_version()
        lock = open(os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600), "r+")  # noqa: SIM115
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = lock.read().strip() or "unknown"
            lock.close()
            raise StateError(
                f"{self.root} is in use by another local server (process {owner}). "
                "Stop that one, or name another directory with --state."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        self._lock = lock
        write_private(self.root / "version", f"{VERSION}\n")
        for folder in (self.claims, self.claim_records, self.trash, self.pods):
            folder.mkdir(exist_ok=True, mode=0o700)

    def close(self) -> None:
        """Unlock the directory. The lock file stays, because the next server may have opened it."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def check_version(self) -> None:
        """Raise StateError if another version of z2jh wrote the directory."""
        file = self.root / "version"
        version = file.read_text().strip() if file.exists() else None
        if version not in (None, str(VERSION)):
            raise StateError(
                f"{self.root} was written by another version of z2jh (state version {version}, "
                f"this one writes {VERSION}). Use that version, or another directory with --state. "
                "Home directories are in its folder `claims` and have not been touched."
            )


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, atomically."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def write_json(path: Path, value: Any) -> None:
    write_private(path, json.dumps(value, separators=(",", ":")))


def read_json(path: Path) -> Any:
    """Return the value in the file; None if the file is missing or incomplete."""
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
