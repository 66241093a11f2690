"""Give this process an empty /tmp of its own, as the hub's container has one.

Snippets and hooks may write there. Without it, they would fail in the sandbox, which may write to
its scratch directory only.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

_TMP = Path("/tmp")

# from <linux/mount.h> and <fcntl.h>
_BIND, _RECURSIVE, _PRIVATE = 1 << 12, 1 << 14, 1 << 18
_SET_ATTRIBUTES, _RECURSIVELY, _READ_ONLY = 442, 0x8000, 1


def mount(scratch: Path, needed: Iterable[str]) -> bool:
    """Mount `scratch`/tmp at /tmp; return whether that succeeded.

    `scratch` and the `needed` paths stay accessible if they are below /tmp. The process must be
    in a mount namespace that it may change.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    # last the scratch directory, which stays writable even if it is inside a needed path
    paths = dict.fromkeys((*(path for path in needed if path != str(scratch)), str(scratch)))
    below = [path for path in map(Path, paths) if _is_below(path)]
    handles = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in below}
    try:
        return (
            libc.mount(b"none", b"/", None, ctypes.c_ulong(_RECURSIVE | _PRIVATE), None) == 0
            and _bind(libc, scratch / "tmp", _TMP)
            # Landlock, which allows writing below /tmp, would allow it in the needed paths too
            and all(
                _restore(libc, path, handle) and (path == scratch or _protect(libc, path))
                for path, handle in handles.items()
            )
        )
    finally:
        for handle in handles.values():
            os.close(handle)


def _is_below(path: Path) -> bool:
    return path.is_absolute() and _TMP in path.parents and path.exists()


def _restore(libc: ctypes.CDLL, path: Path, handle: int) -> bool:
    original = Path(f"/proc/self/fd/{handle}")
    if original.is_dir():
        path.mkdir(parents=True, exist_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return _bind(libc, original, path)


def _bind(libc: ctypes.CDLL, source: Path, target: Path) -> bool:
    flags = ctypes.c_ulong(_BIND | _RECURSIVE)
    return bool(libc.mount(os.fsencode(source), os.fsencode(target), None, flags, None) == 0)


def _protect(libc: ctypes.CDLL, path: Path) -> bool:
    """Make the mount at `path` read-only."""
    attributes = (ctypes.c_uint64 * 4)(_READ_ONLY, 0, 0, 0)
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    here = libc.syscall(
        _SET_ATTRIBUTES, -1, os.fsencode(path), _RECURSIVELY, ctypes.byref(attributes), size
    )
    return bool(here == 0)
