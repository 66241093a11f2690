"""Restrict this process to the files that it needs, with Landlock (Linux 5.13).

Landlock needs no privileges. It also prevents the process from reading the memory and the
environment of other processes, and from signalling them.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from .scratch_files import WRITABLE

# from <linux/landlock.h>; the system call numbers are the same on every architecture
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION, _BENEATH = 1, 1
_EXECUTE, _WRITE, _READ, _LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
# number of access rights to files in each version of Landlock
_KINDS = {1: 13, 2: 14, 3: 15, 4: 15}
_MOST_KINDS = 16
_DEVICES_AND_SPECIAL = 1 << 6 | 1 << 11
_NETWORK_SINCE, _NETWORK = 4, 0b11
_SCOPES_SINCE, _SCOPES = 6, 0b11

_NO_NEW_PRIVILEGES = 38

# files that Python and its libraries read
_SYSTEM = (
    "/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/nix/store", "/sys/devices/system/cpu",
    "/sys/fs/cgroup", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat",
    "/proc/version", "/proc/sys", "/proc/filesystems", "/etc/ssl", "/etc/pki",
    "/etc/ca-certificates", "/etc/localtime", "/etc/timezone", "/etc/passwd", "/etc/group",
    "/etc/hosts", "/etc/nsswitch.conf", "/etc/resolv.conf", "/etc/mime.types", "/etc/ld.so.cache",
    "/etc/os-release", "/dev/urandom", "/dev/random", "/dev/zero",
)  # fmt: skip
_DISCARDS = "/dev/null"


class _Rules(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def of_python() -> list[str]:
    """Return the paths of Python, its packages and this one."""
    own = (sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path, str(Path(__file__).parents[1]))
    return [path for path in dict.fromkeys(own) if path]


def restrict(scratch: Path, *, own_tmp: bool = False) -> bool:
    """Restrict reading to `scratch` and Python, writing to directories in `scratch`.

    Returns False if that is impossible.

    With `own_tmp`, /tmp belongs to this process, which may write there too.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if not sys.platform.startswith("linux"):
        return False
    version = libc.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return False
    everything = (1 << _KINDS.get(version, _MOST_KINDS)) - 1
    rules = _Rules(
        everything,
        _NETWORK if version >= _NETWORK_SINCE else 0,
        _SCOPES if version >= _SCOPES_SINCE else 0,
    )
    handle = libc.syscall(_CREATE, ctypes.byref(rules), ctypes.c_size_t(_size(version)), 0)
    if handle < 0:
        return False
    try:
        for path, allowed in _allowed(scratch, everything, own_tmp):
            _allow(libc, handle, path, allowed)
        return bool(
            libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
            and libc.syscall(_RESTRICT, handle, 0) == 0
        )
    finally:
        os.close(handle)


def _size(version: int) -> int:
    """Return the size of the part of `_Rules` that this version of Landlock reads."""
    fields = 1 + (version >= _NETWORK_SINCE) + (version >= _SCOPES_SINCE)
    return fields * ctypes.sizeof(ctypes.c_uint64)


def _allowed(scratch: Path, everything: int, own_tmp: bool) -> Iterator[tuple[str, int]]:
    yield str(scratch), _READ | _LIST
    for name in WRITABLE:
        yield str(scratch / name), everything & ~_DEVICES_AND_SPECIAL
    if own_tmp:
        yield "/tmp", everything & ~_DEVICES_AND_SPECIAL
    yield _DISCARDS, _READ | _WRITE
    for path in dict.fromkeys((*_SYSTEM, *of_python())):
        # a Python installed at the root would allow the whole file system
        if Path(path).resolve() != Path("/"):
            yield path, _EXECUTE | _READ | _LIST


def _allow(libc: ctypes.CDLL, handle: int, path: str, allowed: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not Path(path).is_dir():
            allowed &= _EXECUTE | _READ | _WRITE
        rule = _Beneath(allowed, folder)
        libc.syscall(_ADD, handle, _BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(folder)
