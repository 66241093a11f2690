"""A release of the public chart becomes one of this chart, in place, with servers running.

The release is made of the objects that the public chart renders for its defaults (the fidelity
records in ../shared), with our images under its names: what is adopted is objects, names,
selectors and secrets, and the database that a hub left.
"""

from __future__ import annotations

import gzip
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cluster_support import CHART, PASSWORD, ROOT, TOKEN, VALUES, Hub, Namespace, Release

SHARED = Path(os.environ.get("Z2JH_SHARED") or ROOT.parent / "shared")
RECORD = SHARED / "tools/fidelity/records/corners/defaults.json.gz"
NAME = "my-release"  # the record's

# what a release of this chart does with a hub's database and servers is the same without them
LEFT_OUT = ("DaemonSet", "Job", "StatefulSet", "PodDisruptionBudget")

pytestmark = pytest.mark.skipif(not RECORD.exists(), reason="no ../shared with the records")


def recorded(namespace: str) -> Iterator[dict[str, Any]]:
    """The public chart's objects, with secrets of their own and images that are there."""
    with gzip.open(RECORD) as file:
        record = json.loads(file.read().decode().replace("my-namespace", namespace))
    ours = yaml.safe_load((CHART / "values.yaml").read_text())
    for each in record["manifests"]:
        kind, name = each["kind"], each["metadata"]["name"]
        if kind in LEFT_OUT or "user-scheduler" in name:
            continue
        if (kind, name) == ("ConfigMap", "hub"):
            each["data"]["jupyterhub_config.py"] = (
                ROOT / "images/hub/jupyterhub_config.py"
            ).read_text()
            each["data"]["z2jh.py"] = ""
        if (kind, name) == ("Secret", "hub"):
            each.pop("data")
            each["stringData"] = public_secret(record["secrets"]["hub"]["values.yaml"])
        if (kind, name) == ("Service", "proxy-public"):
            each["spec"]["type"] = "ClusterIP"
        if (kind, name) == ("Deployment", "hub"):
            use_image(each, ours["hub"]["image"])
        yield each


def public_secret(values: str) -> dict[str, str]:
    """What is in the public chart's Secret `hub`: the values, and what it made at random."""
    merged = yaml.safe_load(values)
    image = yaml.safe_load((CHART / "values.yaml").read_text())["singleuser"]["image"]
    merged["hub"] |= VALUES["hub"] | {"config": VALUES["hub"]["config"]}
    merged["singleuser"]["image"] = image
    merged["singleuser"]["cloudMetadata"]["blockWithIptables"] = False
    merged["scheduling"]["userScheduler"]["enabled"] = False
    return {
        "values.yaml": yaml.safe_dump(merged),
        "hub.config.ConfigurableHTTPProxy.auth_token": secrets.token_hex(32),
        "hub.config.JupyterHub.cookie_secret": secrets.token_hex(32),
        "hub.config.CryptKeeper.keys": secrets.token_hex(32),
        "hub.services.tests.apiToken": TOKEN,
    }


def use_image(deployment: dict[str, Any], image: dict[str, str]) -> None:
    for container in deployment["spec"]["template"]["spec"]["containers"]:
        container["image"] = f"{image['name']}:{image['tag']}"


@pytest.fixture(scope="module")
def public_chart(namespace: Namespace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The public chart's objects, as a chart whose templates are just those."""
    chart = tmp_path_factory.mktemp("public") / "jupyterhub"
    (chart / "templates").mkdir(parents=True)
    metadata = {"apiVersion": "v2", "name": "jupyterhub", "version": "4.3.4"}
    (chart / "Chart.yaml").write_text(yaml.safe_dump(metadata))
    (chart / "objects.yaml").write_text(yaml.safe_dump_all(recorded(namespace.name)))
    template = '{{ .Files.Get "objects.yaml" }}\n'
    (chart / "templates" / "objects.yaml").write_text(template)
    return chart


@pytest.fixture(scope="module")
def release_name() -> str:
    return NAME


@pytest.fixture(scope="module")
def before(release: Release, namespace: Namespace, public_chart: Path) -> dict[str, Any]:
    """What there is before the upgrade: a server that runs, and the secrets."""
    release.upgrade(chart=public_chart)
    with release.reached() as hub:
        hub.start("ada")
        cookie = log_in(hub, "ada")
    return {
        "server": uid(namespace, "pod", "jupyter-ada"),
        "claim": uid(namespace, "pvc", "claim-ada"),
        "database": uid(namespace, "pvc", "hub-db-dir"),
        "secret": namespace.get("secret", "hub")["data"],
        "cookie": cookie,
    }


@pytest.fixture(scope="module")
def upgraded(before: dict[str, Any], release: Release) -> dict[str, Any]:
    release.upgrade()
    return before


def uid(namespace: Namespace, kind: str, name: str) -> str:
    found: str = namespace.get(kind, name)["metadata"]["uid"]
    return found


def log_in(hub: Hub, user: str) -> str:
    """Log in as a browser does: the cookies."""
    import http.cookiejar
    import urllib.parse
    import urllib.request

    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    opener.open(f"{hub.url}/hub/login", timeout=30).close()
    token = next(cookie.value for cookie in jar if cookie.name == "_xsrf")
    form = {"username": user, "password": PASSWORD, "_xsrf": token}
    data = urllib.parse.urlencode(form).encode()
    opener.open(f"{hub.url}/hub/login?next=/hub/home", data, timeout=60).close()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def test_no_server_is_restarted(upgraded: dict[str, Any], namespace: Namespace) -> None:
    assert uid(namespace, "pod", "jupyter-ada") == upgraded["server"]


def test_no_claim_is_lost(upgraded: dict[str, Any], namespace: Namespace) -> None:
    assert uid(namespace, "pvc", "claim-ada") == upgraded["claim"]
    assert uid(namespace, "pvc", "hub-db-dir") == upgraded["database"]


def test_the_secrets_are_adopted(upgraded: dict[str, Any], namespace: Namespace) -> None:
    now = namespace.get("secret", "hub")["data"]
    made = {key: value for key, value in upgraded["secret"].items() if key != "values.yaml"}
    assert {key: now.get(key) for key in made} == made


def test_the_hub_knows_the_server_and_it_answers(
    upgraded: dict[str, Any], release: Release
) -> None:
    with release.reached() as hub:
        assert hub.server("ada")["ready"]
        assert hub.answers("ada")


def test_nobody_is_logged_out(upgraded: dict[str, Any], release: Release) -> None:
    import urllib.request

    with release.reached() as hub:
        headers = {"Cookie": upgraded["cookie"]}
        request = urllib.request.Request(f"{hub.url}/hub/home", headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.url == f"{hub.url}/hub/home"


def test_a_later_upgrade_leaves_the_proxy_alone(
    upgraded: dict[str, Any], release: Release, namespace: Namespace
) -> None:
    proxy = namespace.names("pods", "--selector=component=proxy")
    release.upgrade({"cull": {"timeout": 7200}})
    assert namespace.names("pods", "--selector=component=proxy") == proxy
    assert uid(namespace, "pod", "jupyter-ada") == upgraded["server"]
