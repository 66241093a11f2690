"""Results kept between runs, as JSON, under `$XDG_CACHE_HOME/z2jh` (or `~/.cache/z2jh`).

Whatever cannot be read or written is as if it were not there: a cache is no reason to fail.
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

# of each kind; what was used last stays
KEPT = 200


def load(kind: str, key: str) -> Any:
    """What was stored of `kind` under `key`, or None."""
    file = _file(kind, key)
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    with contextlib.suppress(OSError):
        os.utime(file)
    return found


def store(kind: str, key: str, data: Any) -> None:
    """Keep JSON-able `data`; only this user may read it."""
    file = _file(kind, key)
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=".new-")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(data, stream)
        os.replace(name, file)
        for old in sorted(file.parent.glob("*.json"), key=_used)[:-KEPT]:
            old.unlink()
    except OSError:
        return


def digest(*parts: Any) -> str:
    """One name for all that a result depends on."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def installed() -> str:
    """A name for this Python, every package and version that it would find, and our code."""
    return digest(packages(), _own_code())


def packages() -> str:
    """A name for this Python and the versions of other packages."""
    found = []
    for folder in sys.path:
        with contextlib.suppress(OSError):
            found += [name for name in os.listdir(folder or ".") if name.endswith(".dist-info")]
    return digest(sys.version, sorted(found))


def _own_code() -> list[tuple[str, int, int]]:
    """This package's files, which change without a new version while it is worked on."""
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
