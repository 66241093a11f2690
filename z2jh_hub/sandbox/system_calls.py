"""Block system calls of this process with a seccomp filter.

A filter needs no privileges, so it also works in ordinary containers, where namespaces are not
available. It blocks sockets, new processes, signals to other processes, their limits and memory,
objects of the kernel that outlive the process, and calls that would undo the sandbox. Landlock does
not cover the modes, times and attributes of files, so those cannot be changed either.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import sys

# architecture: its number in <linux/audit.h>, the number of seccomp, those of the calls
_ARCHITECTURES = {
    "x86_64": (0xC000003E, 317, {
        "socket": 41, "clone": 56, "fork": 57, "vfork": 58, "kill": 62, "tgkill": 234,
        "tkill": 200, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "ptrace": 101,
        "process_vm_readv": 310, "process_vm_writev": 311, "unshare": 272, "setns": 308,
        "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "bpf": 321,
        "perf_event_open": 298, "add_key": 248, "request_key": 249, "keyctl": 250,
        "setsid": 112, "setpgid": 109, "init_module": 175, "finit_module": 313,
        "kexec_load": 246, "reboot": 169, "open_by_handle_at": 304, "iopl": 172, "ioperm": 173,
        "shmget": 29, "shmat": 30, "shmctl": 31, "semget": 64, "semop": 65, "semctl": 66,
        "msgget": 68, "msgsnd": 69, "msgrcv": 70, "msgctl": 71, "semtimedop": 220, "mq_open": 240,
        "mq_unlink": 241, "setpriority": 141, "sched_setparam": 142, "sched_setscheduler": 144,
        "sched_setaffinity": 203, "sched_setattr": 314, "ioprio_set": 251, "migrate_pages": 256,
        "move_pages": 279, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197,
        "lremovexattr": 198, "fremovexattr": 199, "chmod": 90, "fchmod": 91, "chown": 92,
        "fchown": 93, "lchown": 94, "utime": 132, "utimes": 235, "fchownat": 260,
        "futimesat": 261, "fchmodat": 268, "utimensat": 280, "ioctl": 16, "socketpair": 53,
        "fcntl": 72, "prctl": 157, "prlimit64": 302,
    }),
    "aarch64": (0xC00000B7, 277, {
        "socket": 198, "clone": 220, "kill": 129, "tgkill": 131, "tkill": 130,
        "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240, "ptrace": 117,
        "process_vm_readv": 270, "process_vm_writev": 271, "unshare": 97, "setns": 268,
        "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "bpf": 280,
        "perf_event_open": 241, "add_key": 217, "request_key": 218, "keyctl": 219,
        "setsid": 157, "setpgid": 154, "init_module": 105, "finit_module": 273,
        "kexec_load": 104, "reboot": 142, "open_by_handle_at": 265, "shmget": 194, "shmctl": 195,
        "shmat": 196, "semget": 190, "semctl": 191, "semtimedop": 192, "semop": 193, "msgget": 186,
        "msgctl": 187, "msgrcv": 188, "msgsnd": 189, "mq_open": 180, "mq_unlink": 181,
        "setpriority": 140, "sched_setparam": 118, "sched_setscheduler": 119,
        "sched_setaffinity": 122, "sched_setattr": 274, "ioprio_set": 30, "migrate_pages": 238,
        "move_pages": 239, "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "removexattr": 14,
        "lremovexattr": 15, "fremovexattr": 16, "fchmod": 52, "fchmodat": 53, "fchownat": 54,
        "fchown": 55, "utimensat": 88, "ioctl": 29, "socketpair": 199, "fcntl": 25, "prctl": 167,
        "prlimit64": 261,
    }),
}  # fmt: skip
# calls that are newer than the architectures, with the same numbers on each
_NEWER = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "open_tree": 428, "move_mount": 429,
    "fsopen": 430, "fsmount": 432, "clone3": 435, "pidfd_getfd": 438, "process_madvise": 440,
    "mount_setattr": 442, "process_mrelease": 448, "fchmodat2": 452, "setxattrat": 463,
    "removexattrat": 466, "file_setattr": 469,
}  # fmt: skip
# allowed for some arguments
_CHECKED = frozenset(
    {"socket", "socketpair", "clone", "clone3", "kill", "tgkill", "prlimit64", "fcntl", "ioctl",
     "prctl"}
)  # fmt: skip
# these succeed without effect: code that copies files of its own continues, and nothing here
# depends on the result, but files outside the sandbox keep their modes and owners
_WITHOUT_EFFECT = frozenset(
    {"chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"}
)
# from <fcntl.h>, <asm-generic/ioctls.h>, <asm-generic/sockios.h> and <linux/prctl.h>: to have the
# kernel send signals to another process, to type into a terminal, to survive the parent
_SET_OWNER, _SET_SIGNAL, _SET_OWNER_EX = 8, 10, 15
_TYPE, _TYPE_LINUX, _SET_OWNER_BY_IOCTL, _SET_GROUP = 0x5412, 0x541C, 0x8901, 0x8902
_DIE_WITH_PARENT = 1

# from <linux/bpf_common.h> and <linux/seccomp.h>
_LOAD, _EQUAL, _AT_LEAST, _HAS_BIT, _RETURN, _AND = 0x20, 0x15, 0x35, 0x45, 0x06, 0x54
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT, _SECOND_ARGUMENT_AT = 0, 4, 16, 24
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_SET_FILTER, _ALL_THREADS = 1, 1
_NO_NEW_PRIVILEGES = 38
_X32, _THREAD = 0x40000000, 0x00010000

Instruction = tuple[int, int, int, int]


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("operand", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("first", ctypes.POINTER(_Instruction)))


def restrict(*, internet_sockets: bool) -> bool:
    """Install the filter and return whether that succeeded; `internet_sockets` may be allowed."""
    known = _ARCHITECTURES.get(platform.machine())
    if not sys.platform.startswith("linux") or known is None or sys.maxsize < 1 << 32:
        return False
    architecture, seccomp, numbers = known
    families = (socket.AF_INET, socket.AF_INET6) if internet_sockets else ()
    program = _program(architecture, numbers | _NEWER, families, os.getpid())
    instructions = (_Instruction * len(program))(*(_Instruction(*one) for one in program))
    whole = _Program(len(program), instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    return (
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
        and libc.syscall(seccomp, _SET_FILTER, _ALL_THREADS, ctypes.byref(whole)) == 0
        and _is_in_force()
    )


def _is_in_force() -> bool:
    try:
        socket.socket(socket.AF_UNIX).close()
    except PermissionError:
        return True
    return False


def _program(
    architecture: int, numbers: dict[str, int], families: tuple[int, ...], pid: int
) -> list[Instruction]:
    refused, ignored = _error(errno.EPERM), _error(0)
    result = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        # other numbers for the same calls
        (_AT_LEAST, 0, 1, _X32),
        refused,
    ]
    for name, number in numbers.items():
        if name not in _CHECKED:
            result += [(_EQUAL, 0, 1, number), ignored if name in _WITHOUT_EFFECT else refused]
    # the C library then starts threads with clone, whose flags a filter can read
    result += [(_EQUAL, 0, 1, numbers["clone3"]), _error(errno.ENOSYS)]
    result += _where(numbers["clone"], [(_HAS_BIT, 0, 1, _THREAD)])
    result += _where(numbers["socket"], [(_EQUAL, 0, 1, family) for family in families])
    # asyncio needs a pair of streams; one of another type can be sent to any socket in the files
    of_type = (_AND, 0, 0, 0xF)
    result += _unless_equal(numbers["socketpair"], _FIRST_ARGUMENT_AT, (socket.AF_UNIX,))
    result += _unless_equal(
        numbers["socketpair"], _SECOND_ARGUMENT_AT, (socket.SOCK_STREAM,), of_type
    )
    for name in ("kill", "tgkill"):
        result += _where(numbers[name], [(_EQUAL, 0, 1, pid)])
    result += _where(numbers["prlimit64"], [(_EQUAL, 0, 1, own) for own in (0, pid)])
    result += _if_equal(
        numbers["fcntl"], _SECOND_ARGUMENT_AT, (_SET_OWNER, _SET_SIGNAL, _SET_OWNER_EX)
    )
    result += _if_equal(
        numbers["ioctl"], _SECOND_ARGUMENT_AT,
        (_TYPE, _TYPE_LINUX, _SET_OWNER_BY_IOCTL, _SET_GROUP),
    )  # fmt: skip
    result += _if_equal(numbers["prctl"], _FIRST_ARGUMENT_AT, (_DIE_WITH_PARENT,))
    return [*result, (_RETURN, 0, 0, _ALLOW)]


def _where(number: int, tests: list[Instruction]) -> list[Instruction]:
    """Allow call `number` if one of `tests` is true for its first argument."""
    inner: list[Instruction] = [(_LOAD, 0, 0, _FIRST_ARGUMENT_AT)]
    for test in tests:
        inner += [test, (_RETURN, 0, 0, _ALLOW)]
    inner.append(_error(errno.EPERM))
    return [(_EQUAL, 0, len(inner), number), *inner]


def _if_equal(number: int, argument_at: int, values: tuple[int, ...]) -> list[Instruction]:
    """Refuse call `number` if an argument is one of `values`."""
    inner: list[Instruction] = [(_LOAD, 0, 0, argument_at)]
    for value in values:
        inner += [(_EQUAL, 0, 1, value), _error(errno.EPERM)]
    inner.append((_LOAD, 0, 0, _NUMBER_AT))
    return [(_EQUAL, 0, len(inner), number), *inner]


def _unless_equal(
    number: int, argument_at: int, values: tuple[int, ...], *before: Instruction
) -> list[Instruction]:
    """Refuse call `number` unless an argument, after the instructions `before`, is in `values`."""
    inner: list[Instruction] = [(_LOAD, 0, 0, argument_at), *before]
    inner += [(_EQUAL, len(values) - at, 0, value) for at, value in enumerate(values)]
    inner += [_error(errno.EPERM), (_LOAD, 0, 0, _NUMBER_AT)]
    return [(_EQUAL, 0, len(inner), number), *inner]


def _error(number: int) -> Instruction:
    return (_RETURN, 0, 0, _ERROR | number)
