"""Upgrade a release of the public chart in place, and roll back; servers keep running.

Both with Helm 3, then the upgrade again with Helm 4.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import public_release
import pytest
from cluster_support import ROOT, Hub, Release
from namespaces import Namespace
from people import log_in, logged_in

USERS = ("ada", "bob")
MISSING = not public_release.RECORD.exists() or not os.environ.get("Z2JH_CLUSTER_IS_OURS")

pytestmark = pytest.mark.skipif(
    MISSING, reason="needs the records in ../shared and the tests' own cluster"
)


@dataclass
class Before:
    """The state of the release before the upgrade."""

    servers: dict[str, str]
    claims: dict[str, str]
    secret: dict[str, str]
    cookie: str
    token: str


@pytest.fixture(scope="module")
def namespace() -> Iterator[Namespace]:
    """Create a privileged namespace, which the user pods of the public chart need."""
    with Namespace("z2jh-test-adoption", enforce="privileged") as namespace:
        yield namespace


@pytest.fixture(scope="module")
def release(namespace: Namespace) -> Iterator[Release]:
    release = Release(namespace, public_release.NAME, helm="helm3")
    yield release
    release.uninstall()


@pytest.fixture(scope="module")
def before(release: Release, namespace: Namespace, tmp_path_factory: Any) -> Before:
    chart = public_release.write(tmp_path_factory.mktemp("public"), namespace.name)
    release.upgrade(chart=chart)
    with release.reached() as hub:
        for user in USERS:
            hub.start(user)
        cookie = log_in(hub, "ada")
        token = hub.api("POST", "users/ada/tokens", {"note": "before"})["token"]
    return Before(
        servers=uids(namespace, "pods", "--selector=component=singleuser-server"),
        claims=uids(namespace, "persistentvolumeclaims"),
        secret=namespace.get("secret", "hub")["data"],
        cookie=cookie,
        token=token,
    )


@pytest.fixture(scope="module")
def adopted(before: Before, release: Release) -> Before:
    release.upgrade()
    return before


@pytest.fixture(scope="module")
def rolled_back(adopted: Before, release: Release, tmp_path_factory: Any) -> Before:
    """Roll back as docs/chart.md describes, after a user was added."""
    with release.reached() as hub:
        hub.api("POST", "users/late")
    bin = tmp_path_factory.mktemp("bin")
    (bin / "helm").symlink_to(Path(os.environ["KUBEBUILDER_ASSETS"]) / release.helm)
    follow_the_docs("Going back", release, bin)
    return adopted


@pytest.fixture(scope="module")
def upgraded_again(rolled_back: Before, release: Release) -> Before:
    """Upgrade with Helm 4, which continues a release of Helm 3."""
    release.helm = "helm"
    release.upgrade()
    return rolled_back


def uids(namespace: Namespace, *selection: str) -> dict[str, str]:
    """Return uids by name."""
    items = namespace.get(*selection)["items"]
    return {item["metadata"]["name"]: item["metadata"]["uid"] for item in items}


def follow_the_docs(section: str, release: Release, bin: Path) -> None:
    """Run the commands of a section of docs/chart.md in the namespace of the release."""
    text = (ROOT / "docs/chart.md").read_text().partition(f"\n## {section}\n")[2]
    (commands, *_) = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    config = bin / "kubeconfig"
    config.write_bytes(Path(os.environ["KUBECONFIG"]).read_bytes())
    environment = {**os.environ, "KUBECONFIG": str(config)}
    environment["PATH"] = f"{bin}:{environment['PATH']}"
    here = f"kubectl config set-context --current --namespace={release.namespace.name}\n"
    script = here + commands.replace("my-hub", release.name)
    done = subprocess.run(
        ["bash", "-c", script], env=environment, text=True, capture_output=True, timeout=240
    )
    assert not done.returncode, f"{script}\n{done.stdout}\n{done.stderr}\n{release.state()}"


def schema(namespace: Namespace) -> str:
    """Return the schema version of the hub's database."""
    query = (
        "import sqlite3; print(sqlite3.connect('/srv/jupyterhub/jupyterhub.sqlite')"
        ".execute('SELECT version_num FROM alembic_version').fetchone()[0])"
    )
    code, output = namespace.execute("deployment/hub", "python3", "-c", query, container="hub")
    assert code == 0, output
    return output.strip()


def check_that_nothing_is_lost(
    before: Before, release: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    namespace = release.namespace
    servers = uids(namespace, "pods", "--selector=component=singleuser-server")
    lost = before.servers.items() - servers.items()
    with capsys.disabled():
        print(f"\n   servers before: {len(before.servers)}, lost: {len(lost)}", end="", flush=True)
    assert len(before.servers) == len(USERS)
    assert not lost
    assert before.claims.items() <= uids(namespace, "persistentvolumeclaims").items()
    now = namespace.get("secret", "hub")["data"]
    generated = {key: value for key, value in before.secret.items() if key != "values.yaml"}
    assert {key: now.get(key) for key in generated} == generated


def check_that_it_serves(before: Before, hub: Hub) -> None:
    for user in USERS:
        assert hub.server(user)["ready"]
        assert hub.answers(user)
    assert logged_in(hub, before.cookie)
    status, user = hub.call("GET", "/hub/api/user", token=before.token)
    assert (status, user["name"]) == (200, "ada")


def test_every_component_of_the_public_chart_is_installed(
    before: Before, namespace: Namespace
) -> None:
    """The tests below would prove little without all components and JupyterHub 5.5."""
    assert schema(namespace) == public_release.SCHEMA
    pods = [pod["metadata"]["labels"] for pod in namespace.get("pods")["items"]]
    assert {labels["component"] for labels in pods} == {
        "continuous-image-puller", "hub", "proxy", "singleuser-server", "user-placeholder",
        "user-scheduler",
    }  # fmt: skip
    spec = namespace.get("pod", "jupyter-ada")["spec"]
    assert [container["name"] for container in spec["initContainers"]] == ["block-cloud-metadata"]
    assert spec["schedulerName"] == f"{public_release.NAME}-user-scheduler"


def test_an_upgrade_loses_nothing(
    adopted: Before, release: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    check_that_nothing_is_lost(adopted, release, capsys)


def test_the_hub_keeps_servers_and_logins(adopted: Before, release: Release) -> None:
    with release.reached() as hub:
        check_that_it_serves(adopted, hub)


def test_the_database_is_backed_up_and_upgraded(adopted: Before, namespace: Namespace) -> None:
    assert schema(namespace) != public_release.SCHEMA
    code, output = namespace.execute("deployment/hub", "z2jh", "db", "verify", container="hub")
    assert code == 0, output
    assert f"-{public_release.SCHEMA}.sqlite is intact" in output


def test_the_namespace_can_be_restricted_after_the_upgrade(
    adopted: Before, release: Release, namespace: Namespace
) -> None:
    """A new server needs no privileges."""
    namespace.enforce("restricted")
    with release.reached() as hub:
        hub.start("carl")
        hub.stop("carl")
    namespace.enforce("privileged")


def test_a_rollback_restores_the_database(
    rolled_back: Before, release: Release, namespace: Namespace
) -> None:
    assert schema(namespace) == public_release.SCHEMA
    with release.reached() as hub:
        users = {user["name"] for user in hub.api("GET", "users")}
    assert users == set(USERS)


def test_a_rollback_loses_nothing(
    rolled_back: Before, release: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    check_that_nothing_is_lost(rolled_back, release, capsys)
    with release.reached() as hub:
        check_that_it_serves(rolled_back, hub)


def test_another_upgrade_with_helm_4_loses_nothing(
    upgraded_again: Before, release: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    assert schema(release.namespace) != public_release.SCHEMA
    check_that_nothing_is_lost(upgraded_again, release, capsys)
    with release.reached() as hub:
        check_that_it_serves(upgraded_again, hub)


def test_a_later_upgrade_does_not_restart_the_proxy(
    upgraded_again: Before, release: Release
) -> None:
    proxy = release.namespace.names("pods", "--selector=component=proxy")
    release.upgrade({"cull": {"timeout": 7200}})
    assert release.namespace.names("pods", "--selector=component=proxy") == proxy
