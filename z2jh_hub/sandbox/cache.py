"""Cache results between runs as JSON under `$XDG_CACHE_HOME/z2jh` (or `~/.cache/z2jh`).

Errors of reading and writing are ignored, because the cache is optional.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

# entries of each kind; the least recently used are deleted
MOST = 200


def load(kind: str, key: str) -> Any:
    """Return the entry `key` of `kind`, or None."""
    file = _file(kind, key)
    try:
        entry = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    with contextlib.suppress(OSError):
        os.utime(file)
    return entry


def store(kind: str, key: str, data: Any) -> None:
    """Store JSON-serializable `data`, readable only by this user."""
    file = _file(kind, key)
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=".new-")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(data, stream)
        os.replace(name, file)
        for old in sorted(file.parent.glob("*.json"), key=_used)[:-MOST]:
            old.unlink()
    except OSError:
        return


def digest(*parts: Any) -> str:
    """Return a digest of everything that a result depends on."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def installed() -> str:
    """Return a digest of this Python, its packages with their versions, and our code."""
    return digest(packages(), _own_code())


def packages() -> str:
    """Return a digest of this Python and the versions of its packages."""
    names: list[str] = []
    for folder in sys.path:
        with contextlib.suppress(OSError):
            names += [name for name in os.listdir(folder or ".") if name.endswith(".dist-info")]
    return digest(sys.version, sorted(names))


def _own_code() -> list[tuple[str, int, int]]:
    """Return the files of this package, which change during development without a new version."""
    root = Path(__file__).parents[1]
    stats = [(file, file.stat()) for file in sorted(root.rglob("*.py"))]
    return [(str(file.relative_to(root)), s.st_mtime_ns, s.st_size) for file, s in stats]


def _file(kind: str, key: str) -> Path:
    root = os.environ.get("XDG_CACHE_HOME")
    base = Path(root) if root and Path(root).is_absolute() else Path.home() / ".cache"
    return base / "z2jh" / kind / f"{key}.json"


def _used(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
