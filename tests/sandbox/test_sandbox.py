"""The sandbox, attacked by the code that it runs, with and without the rights of root."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from z2jh_hub import sandbox
from z2jh_hub.check.files import read
from z2jh_hub.inspect import preview
from z2jh_hub.sandbox import files as sandbox_files

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")
ROOT = pytest.mark.skipif(os.getuid() != 0, reason="needs root, to give up rights")
SECRET = "correct-horse-battery-staple"

# run in front of the sandbox: calls that the system then refuses, as some containers do
REFUSED = """
import ctypes, os, sys
from z2jh_hub.sandbox import system_calls as calls
architecture, seccomp, numbers = calls._ARCHITECTURES[calls.platform.machine()]
program = [(calls._LOAD, 0, 0, 0)]
for number in [numbers["unshare"], *([seccomp] if "seccomp" in sys.argv[1] else [])]:
    program += [(calls._EQUAL, 0, 1, number), calls._error(1)]
program.append((calls._RETURN, 0, 0, calls._ALLOW))
whole = calls._Program(len(program), (calls._Instruction * len(program))(*program))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.syscall(seccomp, 1, 1, ctypes.byref(whole)) == 0
os.execv(sys.argv[2], sys.argv[2:])
"""
WITHOUT_NAMESPACES = [sys.executable, "-c", REFUSED, "unshare"]
WITHOUT_ISOLATION = [sys.executable, "-c", REFUSED, "unshare,seccomp"]
WITHOUT_SYS_ADMIN = ["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin"]
Z2JH = [sys.executable, "-c", "from z2jh_hub.cli import main; main()"]


class Listener:
    """A server that counts who came: the hub's API, say."""

    def __init__(self, family: int, address: str | tuple[str, int]):
        self.visitors = 0
        self._socket = socket.socket(family)
        self._socket.bind(address)
        self._socket.listen()
        self.address = self._socket.getsockname()
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()

    def _count(self) -> None:
        while True:
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return
            self.visitors += 1
            visitor.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()


@pytest.fixture
def listeners(tmp_path: Path) -> Iterator[dict[str, Listener]]:
    results = {
        "tcp": Listener(socket.AF_INET, ("127.0.0.1", 0)),
        "unix": Listener(socket.AF_UNIX, str(tmp_path / "socket")),
        "abstract": Listener(socket.AF_UNIX, f"\0z2jh-test-{os.getpid()}"),
    }
    yield results
    for one in results.values():
        one.close()


# goes round Python: the C library and the kernel are asked
CONNECT = """
import ctypes, os, struct
libc = ctypes.CDLL(None, use_errno=True)
reached = []
for name, family, address in {targets!r}:
    handle = libc.socket(family, 1, 0)
    if handle >= 0 and libc.connect(handle, address, len(address)) == 0:
        reached.append(name)
raise RuntimeError(f"reached {{reached}}")
"""


def connecting(listeners: dict[str, Listener]) -> str:
    port = listeners["tcp"].address[1]
    tcp = socket.AF_INET.to_bytes(2, sys.byteorder) + port.to_bytes(2, "big")
    unix = socket.AF_UNIX.to_bytes(2, sys.byteorder)
    abstract = listeners["abstract"].address
    targets = [
        ("tcp", int(socket.AF_INET), tcp + bytes([127, 0, 0, 1]) + bytes(8)),
        ("unix", int(socket.AF_UNIX), unix + os.fsencode(listeners["unix"].address) + b"\0"),
        ("abstract", int(socket.AF_UNIX), unix + os.fsencode(abstract)),
    ]
    return CONNECT.format(targets=targets)


def values_file(folder: Path, code: str) -> Path:
    file = folder / "config.yaml"
    snippet = textwrap.indent(textwrap.dedent(code).strip(), " " * 6)
    file.write_text(
        "hub:\n  config:\n    JupyterHub: {authenticator_class: dummy}\n"
        f"  extraConfig:\n    attack: |\n{snippet}\n"
    )
    return file


def z2jh(
    *arguments: str | Path, prefix: list[str] | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*(prefix or []), *Z2JH, *map(str, arguments)], env={**os.environ, **environ},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def printed(folder: Path, code: str, **options: float) -> str:
    """What a snippet raises in the sandbox."""
    answer = sandbox.run(read([values_file(folder, code)]), "check", cached=False, **options)
    assert answer["raised"], answer
    return f"{answer['raised']['type']}: {answer['raised']['message']}"


@pytest.mark.parametrize(
    "prefix",
    [
        pytest.param([], id="as-here"),
        pytest.param(WITHOUT_NAMESPACES, id="no-namespaces"),
        pytest.param(WITHOUT_SYS_ADMIN, id="no-sys-admin", marks=ROOT),
    ],
)
def test_snippet_reaches_no_server(prefix, listeners, tmp_path):
    file = values_file(tmp_path, connecting(listeners))
    result = z2jh("check", "-f", file, prefix=prefix, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert "raises RuntimeError: reached []" in result.stdout, result
    assert {name: one.visitors for name, one in listeners.items()} == dict.fromkeys(listeners, 0)


def test_ordinary_user_without_namespaces_reaches_no_server(listeners, tmp_path):
    """The imports come first: the interpreter may be in a folder of root's."""
    code = "import sys\nfrom pathlib import Path\nfrom z2jh_hub.sandbox import isolation\n"
    code += "import os, tempfile\n" + ("os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
                                       if os.getuid() == 0 else "")  # fmt: skip
    code += "print(isolation.isolate(Path(tempfile.mkdtemp())))\n"
    result = subprocess.run(
        [*WITHOUT_NAMESPACES, sys.executable, "-c", code + connecting(listeners)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert result.stdout == "[]\n", result.stderr
    assert "RuntimeError: reached []" in result.stderr
    assert not any(one.visitors for one in listeners.values())


def test_nothing_runs_where_the_network_cannot_be_taken_away(listeners, tmp_path):
    file = values_file(tmp_path, connecting(listeners))
    cache = str(tmp_path / "cache")
    for form in ("text", "json", "github", "sarif"):
        result = z2jh("check", "-f", file, "--format", form, prefix=WITHOUT_ISOLATION,
                      XDG_CACHE_HOME=cache)  # fmt: skip
        assert result.returncode == 0
        assert "not-isolated" in result.stdout
        assert "--run-anyway" in result.stdout
    for command in (["preview", "--user", "ada"], ["show", "--traits"], ["check", "--user", "ada"]):
        result = z2jh(*command, "-f", file, prefix=WITHOUT_ISOLATION, XDG_CACHE_HOME=cache)
        assert result.returncode == 2
        assert "--run-anyway" in result.stderr
    result = z2jh("diff", file, file, prefix=WITHOUT_ISOLATION, XDG_CACHE_HOME=cache)
    assert result.returncode == 2
    assert "--run-anyway" in result.stderr
    assert not any(one.visitors for one in listeners.values())


def test_run_anyway_runs_without_isolation_and_reports_it(listeners, tmp_path):
    file = values_file(tmp_path, connecting(listeners))
    result = z2jh("check", "-f", file, "--format", "json", "--run-anyway",
                  prefix=WITHOUT_ISOLATION, XDG_CACHE_HOME=str(tmp_path / "cache"))  # fmt: skip
    findings = {one["rule"]: one["message"] for one in json.loads(result.stdout)["findings"]}
    assert "ran without isolation" in findings["not-isolated"]
    assert "reached []" not in findings["python-raises"]
    assert "'unix'" in findings["python-raises"]


def test_library_raises_unless_told_to_run_anyway(tmp_path, monkeypatch):
    file = values_file(tmp_path, "c.KubeSpawner.environment.update(RAN='yes')")
    monkeypatch.setattr(
        sandbox, "_run_child",
        lambda scratch, _: (scratch / "answer.json").write_text('{"refused": ["network"]}') and 0,
    )  # fmt: skip
    with pytest.raises(preview.NotIsolated, match="--run-anyway"):
        preview.pod(file, user="ada")


def test_snippet_does_not_see_the_environment_of_the_caller(tmp_path):
    code = f"""
        import os
        wanted, seen = "{SECRET[::-1]}"[::-1], []
        for process in ("self", *range(1, os.getpid() + 1)):
            try:
                if wanted.encode() in open(f"/proc/{{process}}/environ", "rb").read():
                    seen.append(process)
            except OSError:
                pass
        raise RuntimeError(f"seen in {{seen}}, {{wanted in str(os.environ)}}")
    """
    result = z2jh("check", "-f", values_file(tmp_path, code), CI_TOKEN=SECRET,
                  XDG_CACHE_HOME=str(tmp_path / "cache"))  # fmt: skip
    assert "raises RuntimeError: seen in [], False" in result.stdout, result
    assert SECRET not in result.stdout + result.stderr


@pytest.mark.parametrize(
    "code",
    [
        "open('{folder}/config.yaml', 'a').write('# changed')",
        "open('{folder}/new.yaml', 'w').write('x')",
        "import os; os.remove('{folder}/config.yaml')",
        "import os; os.symlink('/etc', '{folder}/link')",
        "import os; os.truncate('{folder}/config.yaml', 0)",
        "open('{folder}/private.txt').read()",
        "import os; os.listdir('{folder}')",
        "open('/etc/shadow').read()",
        "import os; os.kill(os.getppid(), 9)",
        "import os; os.fork()",
        "import os; os.posix_spawn('/bin/true', ['true'], {{}})",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.setsid()",
    ],
)
def test_snippet_is_refused(code, tmp_path):
    (tmp_path / "private.txt").write_text(SECRET)
    file = values_file(tmp_path, code.format(folder=tmp_path))
    before = file.read_text()
    # in a mount namespace, a folder below /tmp is not even there
    refused = ("PermissionError", "FileNotFoundError")
    assert printed(tmp_path, code.format(folder=tmp_path)).startswith(refused)
    assert file.read_text() == before
    assert {one.name for one in tmp_path.iterdir()} == {"config.yaml", "private.txt"}


def test_snippet_has_its_own_tmp(tmp_path):
    """The hub's container has a writable /tmp, where a file of this machine is not found."""
    if (
        not shutil.which("unshare")
        or subprocess.run(["unshare", "-Urmn", "true"], check=False).returncode
    ):
        pytest.skip("this system has no namespaces for an ordinary process")
    name = f"/tmp/{tmp_path.name}-of-the-hub"
    code = f"""
        import os
        with open("{name}", "w") as file:
            file.write("x")
        raise RuntimeError(f"{{os.listdir('/tmp') != []}} {{os.path.exists('{tmp_path}')}}")
    """
    assert printed(tmp_path, code) == "RuntimeError: True False"
    assert not Path(name).exists()


def test_python_below_tmp_still_runs(tmp_path):
    """A virtual environment or a clone may be below /tmp, and stays there for the sandbox."""
    packages = Path("/tmp") / f"{tmp_path.parent.name}-packages"
    packages.mkdir(exist_ok=True)
    (packages / "below_tmp.py").write_text("ANSWER = 42\n")
    code = "import below_tmp; raise RuntimeError(below_tmp.ANSWER)"
    program = f"import sys; sys.path.append({str(packages)!r}); from z2jh_hub.sandbox import "
    program += "child, isolation; from pathlib import Path; scratch = Path(sys.argv[1]); "
    program += f"isolation.isolate(scratch); (scratch / 'job').read_text(); {code}"
    scratch = packages / "scratch"
    (scratch / "tmp").mkdir(parents=True, exist_ok=True)
    (scratch / "job").write_text("")
    result = subprocess.run([sys.executable, "-c", program, str(scratch)], capture_output=True,
                            text=True, timeout=60, check=False)  # fmt: skip
    shutil.rmtree(packages)
    assert "RuntimeError: 42" in result.stderr, result


def test_snippet_may_use_its_scratch_directory_and_threads(tmp_path):
    code = """
        import tempfile, threading, socket
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x")
        thread = threading.Thread(target=print)
        thread.start(); thread.join()
        raise RuntimeError("all done")
    """
    assert printed(tmp_path, code) == "RuntimeError: all done"


def test_memory_is_limited(tmp_path):
    assert printed(tmp_path, "bytearray(6 << 30)").startswith("MemoryError")


def test_output_is_limited(tmp_path):
    started = time.monotonic()
    code = """
        import sys
        try:
            while True:
                sys.stdout.write("x" * (1 << 20)); sys.stdout.flush()
        except OSError as error:
            raise RuntimeError(f"stopped by {error.errno}")
    """
    assert printed(tmp_path, code) == "RuntimeError: stopped by 27"
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "import faulthandler; faulthandler.cancel_dump_traceback_later()\nwhile True: pass",
        "import signal, time; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
        "while True: time.sleep(1)",
    ],
)
def test_code_that_never_returns_is_ended(code, tmp_path):
    with pytest.raises(sandbox.Stopped, match="still running after 8 seconds"):
        printed(tmp_path, code, limit=8.0)


def test_code_ends_with_a_check_that_is_killed(tmp_path):
    """A terminal that is closed, or a time limit of CI, leaves no process behind."""
    code = "import faulthandler; faulthandler.cancel_dump_traceback_later()\nwhile True: pass"
    file = values_file(tmp_path, code)
    check = subprocess.Popen([*Z2JH, "check", "-f", str(file)], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (children := psutil.Process(check.pid).children()):
        assert check.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.5)  # the child may not have asked the kernel yet
    check.kill()
    check.wait()
    assert psutil.wait_procs(children, timeout=10)[1] == []


def test_variables_of_the_values_load_no_code_before_the_isolation(tmp_path):
    """LD_PRELOAD and PYTHONPATH would run code of the values outside the sandbox."""
    (tmp_path / "sitecustomize.py").write_text(f"open('{tmp_path}/loaded', 'w')")
    file = values_file(tmp_path, "import os; raise RuntimeError(os.environ['PYTHONPATH'])")
    file.write_text(file.read_text() + f"  extraEnv: {{PYTHONPATH: '{tmp_path}'}}\n")
    answer = sandbox.run(read([file]), "check", cached=False)
    assert answer["raised"]["message"] == str(tmp_path)
    assert not (tmp_path / "loaded").exists()


def test_files_are_reported_where_the_system_has_no_landlock(monkeypatch, tmp_path):
    monkeypatch.setattr(sandbox_files.sys, "platform", "darwin")
    assert not sandbox_files.restrict(tmp_path)
    assert "no Landlock" in sandbox.warnings({"lacking": ["files"]})[0]


def test_text_beyond_the_basic_plane_reaches_the_code(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text('# 🎉\nhub: {extraConfig: {a: \'c.KubeSpawner.environment = {"A": "🎉"}\'}}\n')
    made = preview.pod(file, user="ada")
    assert "🎉" in str(made)
