"""Isolate this process before it runs the administrator's Python.

The process cannot use the network, start processes, or access files other than the scratch
directory and Python's; its memory and output are limited. The kernel enforces this (see
`system_calls` and `files`), also for native code. Python's audit hook only makes the error
messages readable.
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import os
import resource
import signal
import sys
import sysconfig
from pathlib import Path
from typing import Any

from . import files, private_tmp, system_calls

# bytes; a file can be open without a name, so their number and their size limit the use of the disk
MEMORY = 4 << 30
WRITTEN = 16 << 20
OPEN_FILES = 256

# from <linux/sched.h>
_NEW_MOUNTS, _NEW_USER, _NEW_NETWORK = 0x00020000, 0x10000000, 0x40000000
# from <linux/capability.h>: version 3, and the capability to read any file
_CAPABILITIES, _READ_ANY_FILE = 0x20080522, 1 << 2

# from <linux/prctl.h>
_KILL_WITH_PARENT = 1

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
    """Code in the sandbox tried to use the network."""


def end_with_parent(limit: float) -> None:
    """Have the kernel kill this process with its parent, or after `limit` seconds of CPU.

    The parent ends it in time, unless it is killed itself.
    """
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit) + 5,) * 2)
    if prctl := getattr(ctypes.CDLL(None), "prctl", None):
        prctl(_KILL_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def isolate(scratch: Path) -> list[str]:
    """Isolate this process permanently; return what could not be blocked: network, files."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, WRITTEN), (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):  # fmt: skip
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(limit, (most, most))
    # JupyterHub requires private files, and changing the mode of a file has no effect here
    os.umask(0o077)
    # in a network namespace, code may open sockets, which lead nowhere; else it cannot open any
    alone = _leave(_NEW_NETWORK | _NEW_MOUNTS)
    own_tmp = alone and private_tmp.mount(scratch, files.of_python())
    alone = alone or _leave(_NEW_NETWORK)
    lacking = [] if files.restrict(scratch, own_tmp=own_tmp) else ["files"]
    _drop_capabilities()
    if not system_calls.restrict(internet_sockets=alone):
        lacking.insert(0, "network")
    # the original starts ldconfig, but this process cannot start others
    ctypes.util.find_library = _find_library
    sys.addaudithook(_refuse)
    return lacking


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _REFUSED:
        raise NetworkRefused(f"the sandbox has no network ({event})")


def _find_library(name: str) -> str | None:
    """Return the file name of a shared library in the system's library directories."""
    multiarch = sysconfig.get_config_var("MULTIARCH") or ""
    for folder in (f"/lib/{multiarch}", f"/usr/lib/{multiarch}", "/lib64", "/usr/lib64", "/lib",
                   "/usr/lib", "/usr/local/lib"):  # fmt: skip
        libraries = sorted(Path(folder).glob(f"lib{name}.so*"), key=lambda file: len(file.name))
        if libraries:
            return libraries[-1].name if len(libraries) == 1 else libraries[1].name
    return None


def _leave(namespaces: int) -> bool:
    """Move to new namespaces; return whether that succeeded."""
    uid, gid = os.getuid(), os.getgid()
    flags = namespaces if uid == 0 else namespaces | _NEW_USER
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is None or unshare(flags) != 0:
        return False
    if uid != 0:
        # map the user into its namespace; some systems refuse this
        for file, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{uid} {uid} 1"),
            ("gid_map", f"{gid} {gid} 1"),
        ):
            with contextlib.suppress(OSError):
                Path("/proc/self", file).write_text(text)
    return True


def _drop_capabilities() -> None:
    """Drop root's capabilities, except reading, because Python may belong to another user."""
    capset = getattr(ctypes.CDLL(None), "capset", None)
    if capset is None:
        return
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES, 0)
    for rights in (_READ_ANY_FILE, 0):
        data = (ctypes.c_uint32 * 6)(rights, rights, 0, 0, 0, 0)
        if capset(header, data) == 0:
            return
