"""Each file of the 2018 guide and of the cases starts a hub, or is rejected at the right line.

The chart is rendered, its Secrets and ConfigMap become the mounts, and a real JupyterHub runs
on them until it is healthy. Only what is outside the hub is replaced: addresses, and the
database server.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from pathlib import Path

import helm_python
import pytest
import yaml
from sqlalchemy import create_engine
from support import forks
from support.charts import Objects, render
from support.hubs import START_DEADLINE, Process, answers, free_port
from support.kubeconfigs import NOWHERE
from support.records import SHARED

from z2jh_hub.check import check
from z2jh_hub.config.errors import Problem

pytestmark = pytest.mark.slow

CONFIG_FILE = Path(__file__).parents[2] / "images" / "hub" / "jupyterhub_config.py"
FILES = [
    file
    for folder in ("guide", "cases/values")
    for file in sorted((SHARED / folder).glob("*.yaml"))
]
# the lines that must be reported; every other file must start a hub
REPORTED = {
    "2.3-secretToken-literal.yaml": [2],
    "3.2-image-gcr-digits.yaml": [4],
    "3.2-image-gcr-literal.yaml": [3, 4],
    "3.4-capacity-toplevel.yaml": [2],
    "3.4-storageclass-literal.yaml": [4],
    "3.5-cull-literal.yaml": [2, 3],
    "4.2-image-literal.yaml": [2],
    "4.2-image-tag-literal.yaml": [2],
    "4.3-cilogon-literal.yaml": [2, 6],
    "4.3-cilogon.yaml": [2],
    "4.3-github-org-literal.yaml": [4],
    "4.3-github.yaml": [6],
    "4.3-globus.yaml": [6],
    "4.3-google.yaml": [6],
    "4.3-oidc-literal.yaml": [3, 4, 5],
    "4.5-https-le-literal.yaml": [4, 6],
    "4.5-https-manual-literal.yaml": [4, 7, 11],
    "4.8-ingress-literal.yaml": [4],
    "6.1-db-mysql-nourl.yaml": [2],
    "6.1-extraConfig.yaml": [3, 4],
    "cookie-bad.yaml": [2],
    "db-url-wrongtype.yaml": [4],
    "host-placeholder.yaml": [3, 7],
    "spawner-config.yaml": [4],
    "tag-num.yaml": [4, 8],
}


def mount(objects: Objects, root: Path) -> None:
    """Write the mounts of the hub's pod: every projected Secret and the ConfigMap."""
    made = {"hub.config.JupyterHub.cookie_secret": "ab" * 32,
            "hub.config.CryptKeeper.keys": "cd" * 32}  # fmt: skip
    (root / "secret").mkdir(parents=True)
    (root / "config").mkdir()
    (root / "jupyterhub_config.d").mkdir()
    secret_texts = {key: text for key, text in objects.secret("hub-values").items() if text}
    values = yaml.safe_load(secret_texts["values.yaml"])
    if values["cull"].get("timeout") == 3600:  # the default; saves a process
        values["cull"]["enabled"] = False
    secret_texts["values.yaml"] = yaml.safe_dump(values)
    for key, text in {**made, **secret_texts}.items():
        (root / "secret" / key).write_text(text)
    for key, text in objects["ConfigMap/hub"]["data"].items():
        (root / "config" / key).write_text(text)


def environ(objects: Objects, root: Path, kubeconfig: Path) -> dict[str, str]:
    """Return the environment variables of the hub's container that are plain text."""
    hub = objects.container("Deployment/hub")
    named = {each["name"]: each["value"] for each in hub["env"] if "value" in each}
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **inherited,
        **named,
        "POD_NAMESPACE": "my-namespace",
        "CONFIGPROXY_AUTH_TOKEN": "x",
        "HUB_SERVICE_PORT": "8081",
        "PROXY_API_SERVICE_PORT": "8001",
        "Z2JH_CONFIG_ROOT": str(root),
        "KUBECONFIG": str(kubeconfig),
    }


def test_the_files_are_here() -> None:
    if not FILES:
        pytest.skip("no ../shared here, and Z2JH_SHARED names none")
    names = {file.name for file in FILES}
    assert len(names) > 70
    assert REPORTED.keys() <= names


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_file_starts_a_hub_or_is_rejected_at_the_right_line(
    file: Path, proxy_api: int, tmp_path: Path
) -> None:
    reported = check([file], run=False)
    refusal = refused(file, proxy_api, tmp_path)
    expected = set(REPORTED.get(file.name, ()))
    if refusal is not None:
        assert expected, refusal
        assert expected & lines(reported, "error"), reported
    assert expected <= lines(reported, "error", "warning"), reported


def lines(problems: list[Problem], *severities: str) -> set[int | None]:
    return {p.origin.line for p in problems if p.origin and p.severity in severities}


def refused(file: Path, proxy_api: int, tmp: Path) -> str | None:
    """Return why Helm or the hub rejects the file; None if the hub becomes healthy."""
    try:
        values = yaml.safe_load(file.read_text())
        objects = render(values)
    except (yaml.YAMLError, helm_python.HelmError) as error:
        return str(error)
    mount(objects, tmp / "mounts")
    (tmp / "kubeconfig").write_text(NOWHERE)
    (tmp / "work").mkdir()
    port, log = free_port(), tmp / "hub.log"
    hub = forks.start(
        "jupyterhub", "-f", str(CONFIG_FILE),
        f"--JupyterHub.hub_bind_url=http://127.0.0.1:{port}",
        f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{proxy_api}",
        *database(objects, tmp),
        cwd=tmp / "work", log=log,
        environ=environ(objects, tmp / "mounts", tmp / "kubeconfig"),
    )  # fmt: skip
    base = (values.get("hub") or {}).get("baseUrl", "/").rstrip("/")
    try:
        return _ended(hub, f"http://127.0.0.1:{port}{base}/hub/health", log)
    finally:
        stop(hub)


def database(objects: Objects, tmp: Path) -> list[str]:
    """Return options for SQLite instead of the database server, whose URL must be valid."""
    db = objects.values()["hub"]["db"]
    if db["type"] in ("mysql", "postgres"):
        from traitlets.config import Config

        from z2jh_hub.config.sections import hub_db
        from z2jh_hub.config.values import Values

        c = Config()
        values = Values(objects.values())
        hub_db.apply(values, c)
        hub_db.finish(values, c)
        create_engine(c.JupyterHub.db_url).dispose()
        return ["--JupyterHub.db_url=sqlite://"]
    return []


def _ended(hub: Process, health: str, log: Path) -> str | None:
    deadline = time.monotonic() + START_DEADLINE
    while time.monotonic() < deadline:
        if answers(health):
            return None
        if hub.poll() is not None:
            return log.read_text()
        time.sleep(0.05)
    return f"not healthy in time: {log.read_text()}"


def stop(hub: Process) -> None:
    """Stop the hub and its services, which are in its process group or end with it."""
    for end, seconds in ((hub.terminate, 10.0), (hub.kill, 5.0)):
        end()
        with contextlib.suppress(subprocess.TimeoutExpired):
            hub.wait(seconds)
            return
