"""The files that are mounted in the hub's container: values, secrets, names and code."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from . import paths
from .sources import Source, read

SECRETS = ("existing-secret", "secret")  # folders of the mounted Secrets, in order of precedence


@dataclass(frozen=True)
class Mounts:
    """The files that are mounted in the hub's container below `root` (see `paths`)."""

    root: Path

    @classmethod
    def here(cls) -> Mounts:
        """Return the mounts of this process."""
        return cls(paths.config_root())

    def sources(self) -> list[Source]:
        """Return the values files, in the order in which they are merged."""
        files = [read(self.root / "secret" / "values.yaml")]
        existing = self.root / "existing-secret" / "values.yaml"
        if existing.exists():
            files.append(read(existing))
        return files

    def state(self) -> tuple[tuple[str, int, int, int], ...]:
        """Return a value that changes with each values file, secret or configuration file."""
        folders = (self.root / name for name in SECRETS)
        files = [*(file for folder in folders for file in _keys(folder)), *self.config_files()]
        stats = ((str(file), file.stat()) for file in files)
        return tuple((name, at.st_mtime_ns, at.st_size, at.st_ino) for name, at in stats)

    def secret(self, key: str) -> str | None:
        """Return the text of `existing-secret/KEY`, or else of `secret/KEY`, or else None."""
        for folder in SECRETS:
            file = self.root / folder / key
            if file.exists():
                return file.read_text("utf-8")
        return None

    def fingerprints(self) -> dict[str, bytes]:
        """Return a hash of each secret, by key."""
        files = {file.name: file for name in reversed(SECRETS) for file in _keys(self.root / name)}
        files.pop("values.yaml", None)
        return {key: sha256(file.read_bytes()).digest() for key, file in files.items()}

    def name(self, name: str) -> str | None:
        """Return this release's name for the chart's object `name`; None if unknown."""
        file = self.root / "config" / name
        return file.read_text("utf-8") if file.exists() else None

    def config_files(self) -> list[Path]:
        """Return the files `jupyterhub_config.d/*.py`, sorted by name."""
        return sorted((self.root / "jupyterhub_config.d").glob("*.py"))


def _keys(folder: Path) -> list[Path]:
    """Return the files of a mounted Secret. The kubelet's own names start with two dots."""
    files = folder.iterdir() if folder.is_dir() else ()
    return sorted(file for file in files if not file.name.startswith("..") and file.is_file())
