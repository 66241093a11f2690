"""Code in the sandbox attacks the process that started it: by files, by answers and by names."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from support import forks

from z2jh_hub import sandbox
from z2jh_hub.config.values import Values
from z2jh_hub.sandbox import isolation, mounts, scratch_files

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")
ROOT = "/usr/local/etc/jupyterhub"


@pytest.fixture(autouse=True)
def starts_warm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fork the sandbox: it isolates itself in the same way, but starts faster."""
    monkeypatch.setattr(sandbox, "start_child", forks.start_sandbox)


def outcome(code: str, **options: float) -> str:
    """Return what a snippet raises, or how it ends the sandbox."""
    values = Values({"hub": {"extraConfig": {"attack": textwrap.dedent(code)}}})
    try:
        raised = sandbox.run(values, "check", cached=False, **options)["raised"]
    except sandbox.Stopped as stopped:
        return f"{stopped.reason}\n{stopped.log}"
    return f"{raised['type']}: {raised['message']}" if raised else "nothing"


@pytest.mark.parametrize("name", ["{root}/{outside}", "{root}//{outside}", "{root}/../{outside}"])
def test_extra_file_is_not_written_outside_the_mounts(name, tmp_path):
    target = tmp_path / "authorized_keys"
    path = name.format(root=ROOT, outside=target)
    file = {"mountPath": path, "stringData": "ssh-rsa of another"}
    sandbox.run(Values({"hub": {"extraFiles": {"a": file}}}), "check", cached=False)
    assert not target.exists()


def test_service_is_not_written_outside_the_mounts(tmp_path):
    name = "a" + "/.." * 40 + str(tmp_path / "autostart")
    services = {name: {"apiToken": "a" * 32, "url": "http://a:1"}}
    sandbox.run(Values({"hub": {"services": services}}), "check", cached=False)
    assert not list(tmp_path.iterdir())


def test_paths_of_mounts_are_relative_and_stay_below():
    names = ["a", "../a", "/a", "a/../../../b", "a//b", "\0", "."]
    values = {
        "services": {name: {"apiToken": "a" * 32} for name in names},
        "extraFiles": {name: {"mountPath": f"{ROOT}/{name}", "stringData": "x"} for name in names},
    }
    for path in mounts.of(Values({"hub": values})):
        assert not path.startswith("/")
        assert ".." not in path.split("/")


def test_files_that_the_caller_reads_cannot_be_replaced():
    code = """
        import os
        done = []
        for name in ("log", "stuck", "answer.json", "job.json", "new"):
            for change in (os.unlink, os.mkfifo, lambda file: os.symlink("/etc/passwd", file),
                           os.mkdir, lambda file: open(file, "a")):
                try:
                    change(f"../{name}")
                    done.append(name)
                except (PermissionError, FileNotFoundError, FileExistsError):
                    pass
        raise RuntimeError(done)
    """
    assert outcome(code) == "RuntimeError: []"


def test_caller_reads_only_short_ordinary_files(tmp_path):
    """Without Landlock, code can replace the files."""
    (tmp_path / "private").write_text("{}")
    (tmp_path / "link").symlink_to(tmp_path / "private")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "long").write_text("x" * 11)
    for name in ("link", "pipe", "long", "missing", "."):
        with pytest.raises(OSError, match=r"."):
            scratch_files.read(tmp_path / name, 10)
    assert scratch_files.read(tmp_path / "private") == "{}"


def test_deep_inaccessible_and_linked_directories_are_removed(tmp_path):
    (tmp_path / "kept").write_text("x")
    with scratch_files.directory() as scratch:
        program = "import os\nfor _ in range(3000):\n    os.mkdir('d'); os.chdir('d')"
        subprocess.run([sys.executable, "-c", program], cwd=scratch, check=True)
        (scratch / "closed").mkdir(mode=0)
        (scratch / "link").symlink_to(tmp_path)
    assert not scratch.exists()
    assert (tmp_path / "kept").exists()


def test_many_files_end_the_run():
    started = time.monotonic()
    code = """
        import itertools
        for number in itertools.count():
            with open(f"{number}", "wb") as file:
                file.write(bytes(4 << 20))
    """
    assert "wrote more than 256 MiB" in outcome(code)
    assert time.monotonic() - started < 20


def test_files_without_a_name_are_limited():
    code = """
        import os
        try:
            for number in range(100_000):
                os.open(f"{number}", os.O_CREAT | os.O_RDWR); os.unlink(f"{number}")
        except OSError as error:
            raise RuntimeError(error.errno, number)
    """
    raised = outcome(code)
    assert raised.startswith("RuntimeError: (24, ")
    assert int(raised.split(", ")[1].rstrip(")")) < isolation.OPEN_FILES


def test_calls_that_reach_beyond_the_process_are_refused():
    code = """
        import ctypes, fcntl, os, resource, socket
        libc, parent = ctypes.CDLL(None), os.getppid()
        calls = {
            "limit": lambda: resource.prlimit(parent, resource.RLIMIT_CPU),
            "owner": lambda: fcntl.fcntl(0, fcntl.F_SETOWN, parent),
            "signal": lambda: fcntl.fcntl(0, fcntl.F_SETSIG, 9),
            "group": lambda: fcntl.ioctl(0, 0x8901, parent.to_bytes(4, "little")),
            "priority": lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19),
            "affinity": lambda: os.sched_setaffinity(parent, {0}),
            "attribute": lambda: os.setxattr("work", "user.z2jh", b"x"),
            "datagrams": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM),
            "packets": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET),
            "memory": lambda: libc.shmget(0x7a32, 4096, 0o1666),
            "queue": lambda: libc.msgget(0x7a32, 0o1666),
            "semaphore": lambda: libc.semget(0x7a32, 1, 0o1666),
            "parent": lambda: libc.prctl(1, 0, 0, 0, 0),
        }
        def succeeds(call):
            try:
                return call() != -1
            except PermissionError:
                return False
        raise RuntimeError([name for name, call in calls.items() if succeeds(call)])
    """
    assert outcome(code) == "RuntimeError: []"


def test_datagram_does_not_reach_a_socket_in_the_files(tmp_path):
    """A pair of datagram sockets can be sent to any address, without a call that makes a socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "log"))
        listener.setblocking(False)
        address = socket.AF_UNIX.to_bytes(2, sys.byteorder) + os.fsencode(tmp_path / "log") + b"\0"
        outcome(f"""
            import ctypes, socket
            libc = ctypes.CDLL(None)
            for kind in (1, 2, 5):
                try:
                    pair = socket.socketpair(socket.AF_UNIX, kind)
                except OSError:
                    continue
                libc.sendto(pair[0].fileno(), b"forged", 6, 0, {address!r}, {len(address)})
        """)
        with pytest.raises(BlockingIOError):
            listener.recv(10)


def test_modes_and_times_of_other_files_are_kept(tmp_path):
    file = tmp_path / "private"
    file.write_text("x")
    file.chmod(0o600)
    before = file.stat()
    outcome(f"""
        import os
        for change in (lambda: os.chmod({str(file)!r}, 0o777), lambda: os.utime({str(file)!r}),
                       lambda: os.chown({str(file)!r}, os.getuid(), 1)):
            try:
                change()
            except OSError:
                pass
    """)
    assert file.stat() == before


def test_code_may_set_the_mode_of_its_own_files_and_use_asyncio():
    code = """
        import asyncio, os, pathlib, resource, shutil
        pathlib.Path("a").touch(); os.chmod("a", 0o600); shutil.copy("a", "b")
        assert os.stat("a").st_mode & 0o777 == 0o600
        asyncio.new_event_loop().close()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        raise RuntimeError("all done")
    """
    assert outcome(code) == "RuntimeError: all done"


def test_packages_below_tmp_stay_read_only(tmp_path):
    """Landlock allows what is below /tmp, where a virtual environment may be."""
    packages = Path("/tmp") / f"{tmp_path.parent.name}-{tmp_path.name}-packages"
    scratch = packages / "scratch"
    (scratch / "tmp").mkdir(parents=True)
    (packages / "module.py").write_text("kept")
    program = textwrap.dedent(f"""
        import sys; sys.path.append({str(packages)!r})
        from pathlib import Path
        from z2jh_hub.sandbox import isolation
        isolation.isolate(Path({str(scratch)!r}))
        for change in (lambda: Path({str(packages)!r}, "module.py").write_text("changed"),
                       lambda: Path({str(packages)!r}, "new.py").write_text("new")):
            try:
                change()
            except OSError as error:
                print(type(error).__name__)
        Path({str(scratch)!r}, "tmp", "own").write_text("x")
    """)
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                         timeout=60, check=False)  # fmt: skip
    try:
        assert run.returncode == 0, run.stderr
        assert (packages / "module.py").read_text() == "kept"
        assert not (packages / "new.py").exists()
        assert stat.S_ISREG((scratch / "tmp" / "own").stat().st_mode)
    finally:
        scratch_files._empty(packages)
        packages.rmdir()
