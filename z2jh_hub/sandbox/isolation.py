"""Take from a process what an administrator's code does not need while it is being tried.

No network, no other processes, no files but the scratch directory and what Python itself
reads, bounded memory and output. The kernel enforces it (see `system_calls` and `files`), so
it holds for native code too. Python's own hook only makes the messages readable.
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import os
import resource
import sys
import sysconfig
from pathlib import Path
from typing import Any

from . import files, system_calls

# bytes
MEMORY = 4 << 30
WRITTEN = 64 << 20

# of <linux/sched.h>
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
# of <linux/capability.h>: version 3, and the right to read any file
_CAPABILITIES, _READ_ANY_FILE = 0x20080522, 1 << 2

_REFUSED = frozenset(
    {
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyaddr",
        "socket.gethostbyname",
        "socket.sendmsg",
        "socket.sendto",
    }
)


class NetworkRefused(ConnectionRefusedError):
    """Code that is only being tried asked for the network."""


def isolate(scratch: Path) -> list[str]:
    """Isolate this process for good; return what could not be taken away: network, files."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, WRITTEN), (resource.RLIMIT_CORE, 0)
    ):  # fmt: skip
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(limit, (most, most))
    # a namespace lets code open sockets that lead nowhere; without one it cannot open any
    alone = _leave_network()
    lacking = [] if files.restrict(scratch) else ["files"]
    _drop_capabilities()
    if not system_calls.restrict(internet_sockets=alone):
        lacking.insert(0, "network")
    # the original starts ldconfig, which a process that cannot start others cannot
    ctypes.util.find_library = _find_library
    sys.addaudithook(_refuse)
    return lacking


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _REFUSED:
        raise NetworkRefused(f"no network here ({event})")


def _find_library(name: str) -> str | None:
    """The file name of a shared library, from the folders in which a system keeps them."""
    multiarch = sysconfig.get_config_var("MULTIARCH") or ""
    for folder in (f"/lib/{multiarch}", f"/usr/lib/{multiarch}", "/lib64", "/usr/lib64", "/lib",
                   "/usr/lib", "/usr/local/lib"):  # fmt: skip
        found = sorted(Path(folder).glob(f"lib{name}.so*"), key=lambda file: len(file.name))
        if found:
            return found[-1].name if len(found) == 1 else found[1].name
    return None


def _leave_network() -> bool:
    """Whether this process has a network namespace of its own now."""
    uid, gid = os.getuid(), os.getgid()
    flags = _NEW_NETWORK if uid == 0 else _NEW_NETWORK | _NEW_USER
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is None or unshare(flags) != 0:
        return False
    if uid != 0:
        # without these the process has no name in its user namespace; some systems refuse them
        for file, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{uid} {uid} 1"),
            ("gid_map", f"{gid} {gid} 1"),
        ):
            with contextlib.suppress(OSError):
                Path("/proc/self", file).write_text(text)
    return True


def _drop_capabilities() -> None:
    """Give up root's rights, except reading: Python may belong to somebody else."""
    capset = getattr(ctypes.CDLL(None), "capset", None)
    if capset is None:
        return
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES, 0)
    for kept in (_READ_ANY_FILE, 0):
        data = (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0)
        if capset(header, data) == 0:
            return
