"""The files of `z2jh dev` in the state directory. Those of the embedded API are in state.py.

dev.lock      locked while a `dev` runs; contains its process id and URL
secrets/      created once: cookie secret, encryption keys, the proxy's token, tokens of services
ports.json    the ports of the hub and the proxy API, which user servers that outlive `dev` call
mounts/       the files that the chart mounts in the container of the hub
hub/          the hub's working directory, with its database
logs/         the current and the previous log of each process
run/          one record for each process that runs
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from ..kubelet.addresses import can_listen
from ..state import State, StateError, read_json, write_json, write_private

HOST = "127.0.0.1"
GUARDIAN_PATIENCE = 30.0  # seconds


@dataclass(frozen=True)
class Ports:
    """The ports behind the public one."""

    hub: int
    proxy_api: int


class Layout:
    """The state directory at `root`, which need not exist yet."""

    def __init__(self, root: Path) -> None:
        self.state = State(root)
        self.root = self.state.root
        self._lock: IO[str] | None = None

    @property
    def mounts(self) -> Path:
        return self.root / "mounts"

    @property
    def hub(self) -> Path:
        return self.root / "hub"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def records(self) -> Path:
        return self.root / "run"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def api_ready(self) -> Path:
        return self.records / "ready.json"

    def exists(self) -> bool:
        """Return whether `dev` has used the directory before."""
        return (self.root / "version").exists() or (self.root / "dev.lock").exists()

    def take(self) -> None:
        """Lock the directory. Raise StateError if another process or version of z2jh uses it."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.state.check_version()
        descriptor = os.open(self.root / "dev.lock", os.O_RDWR | os.O_CREAT, 0o600)
        lock = open(descriptor, "r+")  # noqa: SIM115
        deadline = time.monotonic() + GUARDIAN_PATIENCE
        while not _locked(lock):
            owner = self.owner()
            # after a `dev` was killed, its guardian holds the lock until everything has ended
            if not psutil.pid_exists(owner.get("pid", -1)) and time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            lock.close()
            raise StateError(
                f"z2jh dev already runs in {self.root} ({_told(owner)}). Stop it with "
                f"`z2jh dev stop --state {self.root}`, or name another directory with --state."
            )
        self._lock = lock
        for folder in (self.mounts, self.hub, self.logs, self.records, self.secrets):
            folder.mkdir(exist_ok=True, mode=0o700)

    def sign(self, url: str) -> None:
        """Write the id and the URL of this process into the lock file."""
        assert self._lock is not None
        self._lock.seek(0)
        self._lock.truncate()
        self._lock.write(json.dumps({"pid": os.getpid(), "url": url}) + "\n")
        self._lock.flush()

    def release(self) -> None:
        """Unlock the directory and clear the lock file; only a killed `dev` leaves its id there."""
        if self._lock is not None:
            self._lock.seek(0)
            self._lock.truncate()
            self._lock.close()
            self._lock = None

    def owner(self) -> dict[str, Any]:
        """Return `pid` and `url` of the `dev` in the lock file; empty if there is none."""
        return read_json(self.root / "dev.lock") or {}

    def is_taken(self) -> bool:
        """Return whether a `dev` runs in the directory."""
        try:
            with (self.root / "dev.lock").open("r+") as lock:
                return not _locked(lock)
        except FileNotFoundError:
            return False

    def secret(self, name: str) -> str:
        """Return the secret `name` (64 hexadecimal digits), and create it if it is missing."""
        file = self.secrets / name
        if not file.exists():
            write_private(file, secrets.token_hex(32))
        return file.read_text("utf-8")

    def ports(self) -> Ports:
        """Return the same ports as before, or free ones if they are in use."""
        file = self.root / "ports.json"
        before = read_json(file) or {}
        ports = Ports(**{name: _free(before.get(name)) for name in ("hub", "proxy_api")})
        write_json(file, asdict(ports))
        return ports


def _told(owner: dict[str, Any]) -> str:
    if not owner:
        return "it is just starting or ending"
    return f"process {owner.get('pid')}, at {owner.get('url')}"


def _locked(lock: IO[str]) -> bool:
    """Take the lock, if it is free."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _free(wanted: int | None) -> int:
    if wanted and can_listen(HOST, wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def remove(paths: Iterable[Path]) -> None:
    """Delete files and directories, and ignore missing ones."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
