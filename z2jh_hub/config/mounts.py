"""What is mounted in the hub's container: values, secrets, names, configuration files."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from . import paths
from .sources import Source, read

SECRETS = ("existing-secret", "secret")  # their folders, the stronger first


@dataclass(frozen=True)
class Mounts:
    """What is mounted in the hub's container under `root` (see `paths`)."""

    root: Path

    @classmethod
    def here(cls) -> Mounts:
        """The mounts of this process."""
        return cls(paths.config_root())

    def sources(self) -> list[Source]:
        """The values files, weakest first."""
        found = [read(self.root / "secret" / "values.yaml")]
        existing = self.root / "existing-secret" / "values.yaml"
        if existing.exists():
            found.append(read(existing))
        return found

    def state(self) -> tuple[tuple[str, int, int, int], ...]:
        """What changes when a values file, a secret or a file of `jupyterhub_config.d` does."""
        folders = (self.root / name for name in SECRETS)
        files = [*(file for folder in folders for file in _keys(folder)), *self.config_files()]
        found = ((str(file), file.stat()) for file in files)
        return tuple((name, at.st_mtime_ns, at.st_size, at.st_ino) for name, at in found)

    def secret(self, key: str) -> str | None:
        """The text of `existing-secret/KEY`, else of `secret/KEY`, else None."""
        for folder in SECRETS:
            file = self.root / folder / key
            if file.exists():
                return file.read_text("utf-8")
        return None

    def fingerprints(self) -> dict[str, bytes]:
        """Of each secret that `secret` gives, by its key: what is another for another text."""
        files = {file.name: file for name in reversed(SECRETS) for file in _keys(self.root / name)}
        files.pop("values.yaml", None)
        return {key: sha256(file.read_bytes()).digest() for key, file in files.items()}

    def name(self, name: str) -> str | None:
        """The name that this release gives to the object `name`, or None where unknown."""
        file = self.root / "config" / name
        return file.read_text("utf-8") if file.exists() else None

    def config_files(self) -> list[Path]:
        """`jupyterhub_config.d/*.py`, by name."""
        return sorted((self.root / "jupyterhub_config.d").glob("*.py"))


def _keys(folder: Path) -> list[Path]:
    """The files of a mounted Secret, by name; the kubelet's own begin with two dots."""
    files = folder.iterdir() if folder.is_dir() else ()
    return sorted(file for file in files if not file.name.startswith("..") and file.is_file())
