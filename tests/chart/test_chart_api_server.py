"""A real API server accepts every manifest."""

from __future__ import annotations

import http.client
import json
import subprocess
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.apiserver import TOKEN, api_server, unverified
from support.charts import SCENARIOS, Objects, read, render
from support.records import deployment, of_corpora, rendered_by_both

pytestmark = pytest.mark.slow

GATEWAY_API = "sigs.k8s.io/gateway-api@v1.4.0"
ROUTES = "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml"
#: files that Kubernetes rejects: volumes whose definition was encrypted in the original, and
#: invented settings that contradict each other
REFUSED = {
    "berkeley__datahub__prod": {"Deployment/hub"},
    "berkeley__datahub__staging": {"Deployment/hub"},
    "z2jh__lint-and-validate-values": {
        "CronJob/hub-db-restore",
        "Deployment/hub",
        "Ingress/jupyterhub",
        "Service/hub",
        "Service/proxy-api",
        "Service/proxy-http",
        "Service/proxy-public",
    },
}


class ApiServer:
    """A client that creates objects with a dry run."""

    def __init__(self, url: str):
        address = urllib.parse.urlsplit(url)
        self._connection = http.client.HTTPSConnection(
            address.hostname or "", address.port, context=unverified(), timeout=30
        )
        self._resources: dict[str, dict[str, Any]] = {}

    def close(self) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any, list[str]]:
        """Return (status, answer, warnings)."""
        self._connection.request(
            method,
            path,
            body=None if body is None else json.dumps(body),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
        )
        response = self._connection.getresponse()
        answer = response.read()
        known = answer.startswith(b"{")
        warnings = response.headers.get_all("Warning") or []
        return response.status, json.loads(answer) if known else answer, warnings

    def resource(self, version: str, kind: str) -> dict[str, Any]:
        """Return the resource of a kind: path prefix, plural, and whether it is namespaced."""
        if version not in self._resources:
            prefix = "/api/v1" if version == "v1" else f"/apis/{version}"
            _, answer, _ = self.ask("GET", prefix)
            self._resources[version] = {
                r["kind"]: {**r, "prefix": prefix}
                for r in answer["resources"]
                if "/" not in r["name"]
            }
        resource: dict[str, Any] = self._resources[version][kind]
        return resource

    def path(self, doc: Any, namespace: str) -> str:
        resource = self.resource(doc["apiVersion"], doc["kind"])
        inside = f"/namespaces/{namespace}" if resource["namespaced"] else ""
        return f"{resource['prefix']}{inside}/{resource['name']}"

    def namespace(self, name: str, **labels: str) -> None:
        self.ask("POST", "/api/v1/namespaces", {"metadata": {"name": name, "labels": labels}})

    def submit(self, objects: Objects, namespace: str) -> tuple[dict[str, str], list[str]]:
        """Submit `objects`. Return rejections, including unknown fields, and warnings."""
        refused, warned = {}, []
        for doc in objects.docs:
            query = "?dryRun=All&fieldValidation=Strict"
            status, answer, warnings = self.ask("POST", self.path(doc, namespace) + query, doc)
            name = f"{doc['kind']}/{doc['metadata']['name']}"
            if status != 201:
                refused[name] = answer["message"]
            warned += [f"{name}: {warning}" for warning in warnings]
        return refused, warned


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with api_server(tmp_path_factory.mktemp("chart-kubernetes")) as url:
        server = ApiServer(url)
        yield server
        server.close()


@pytest.fixture(scope="session")
def warned(server: ApiServer) -> ApiServer:
    """The server with a namespace `restricted` that warns of pods that are not restricted."""
    server.namespace("restricted", **{"pod-security.kubernetes.io/warn": "restricted"})
    return server


@pytest.fixture(scope="session")
def routes(server: ApiServer) -> ApiServer:
    """The server with the routes of the Gateway API."""
    try:
        resource = subprocess.run(
            ["go", "mod", "download", "-json", GATEWAY_API], capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"the Gateway API's module cannot be had: {error}")
    definition = yaml.safe_load(Path(json.loads(resource.stdout)["Dir"], ROUTES).read_text())
    status, answer, _ = server.ask(
        "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition
    )
    assert status in (201, 409), answer
    deadline = time.monotonic() + 30
    while server.ask("GET", "/apis/gateway.networking.k8s.io/v1")[0] != 200:
        assert time.monotonic() < deadline, "the routes are not served"
        time.sleep(0.1)
    return server


def test_default_objects_are_accepted_and_restricted(warned: ApiServer) -> None:
    assert warned.submit(render(namespace="restricted"), "restricted") == ({}, [])


@pytest.mark.parametrize(
    "file", [pytest.param(s, id=s.name.removesuffix("-values.yaml")) for s in SCENARIOS]
)
def test_scenarios_are_accepted(file: Path, request: pytest.FixtureRequest) -> None:
    name = "routes" if file.name == "gateway-values.yaml" else "server"
    server: ApiServer = request.getfixturevalue(name)
    server.namespace("my-namespace")
    refused, _ = server.submit(render(read(file)), "my-namespace")
    assert refused == {}


def test_egress_rules_without_the_metadata_addresses_are_accepted(server: ApiServer) -> None:
    server.namespace("my-namespace")
    cidrs = ["0.0.0.0/0", "169.254.169.254/31", "168.0.0.0/6", "::/0", "fd00:ec2::/32", "fd20::/12"]
    block = {"cidr": "169.0.0.0/8", "except": ["169.254.169.0/24"]}
    rules = [
        None,
        {"ports": [{"port": 80}]},
        {"to": [{"ipBlock": {"cidr": cidr}} for cidr in cidrs]},
        {"to": [{"ipBlock": block}, {"podSelector": {}}]},
    ]
    values = {"singleuser": {"networkPolicy": {"egress": rules}}}
    assert server.submit(render(values), "my-namespace") == ({}, [])


@of_corpora("configs")
def test_real_deployments_are_accepted(file: Path, server: ApiServer) -> None:
    where = deployment(file)
    server.namespace(where["namespace"])
    refused, _ = server.submit(render(read(file), **where), where["namespace"])
    assert set(refused) == REFUSED.get(file.stem, set()), refused


@of_corpora("configs/corners")
def test_objects_of_the_public_chart_can_be_updated_to_this_chart(
    server: ApiServer, file: Path
) -> None:
    """An object with the same name is updated; the server rejects changes of immutable fields."""
    theirs = rendered_by_both(file)
    namespace = f"upgrade-{file.stem}"
    server.namespace(namespace)
    objects = render(read(file), release=deployment(file)["release"], namespace=namespace)
    for doc in theirs:
        name = f"{doc['kind']}/{doc['metadata']['name']}"
        hook = "helm.sh/hook" in (doc["metadata"].get("annotations") or {})
        if name not in objects or hook:  # hooks are deleted and created again
            continue
        path = server.path(doc, namespace)
        status, existing, _ = server.ask("POST", path, doc)
        if name == "StatefulSet/user-placeholder" and file.stem == "resources":
            continue  # the public chart's object is invalid: a guarantee without its limit
        assert status == 201, f"{name} of the public chart: {existing['message']}"
        mine = f"{path}/{doc['metadata']['name']}"
        version = {"resourceVersion": existing["metadata"]["resourceVersion"]}
        new = {**objects[name], "metadata": {**objects[name]["metadata"], **version}}
        status, answer, _ = server.ask("PUT", f"{mine}?dryRun=All", new)
        server.ask("DELETE", mine)
        assert status == 200, f"{name}: {answer['message']}"
