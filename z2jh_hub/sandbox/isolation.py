"""Keep a process away from the network: it is to try an administrator's own code.

A guard against accidents, not a prison: whoever wants out of it gets out.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Any

# of <linux/sched.h>
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000

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


def refuse_network() -> None:
    """Take the network away from this process for good: by a namespace of its own where
    the system gives one, and by refusing connections in Python everywhere."""
    _leave_network()
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _REFUSED:
        raise NetworkRefused(f"no network here ({event})")


def _leave_network() -> bool:
    """Whether there is a network namespace of our own now."""
    uid, gid = os.getuid(), os.getgid()
    flags = _NEW_NETWORK if uid == 0 else _NEW_NETWORK | _NEW_USER
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is None or unshare(flags) != 0:
        return False
    if uid != 0:
        # in a new user namespace nobody is anyone before these are written
        for file, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{uid} {uid} 1"),
            ("gid_map", f"{gid} {gid} 1"),
        ):
            Path("/proc/self", file).write_text(text)
    return True
