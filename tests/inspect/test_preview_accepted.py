"""A real API server accepts the pod of every profile of every real deployment's file."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.apiserver import TOKEN, api_server, unverified

from z2jh_hub.inspect import preview

pytestmark = pytest.mark.slow

SHARED = Path(os.environ.get("Z2JH_SHARED", Path(__file__).parents[3] / "shared"))
# options that BinderHub's form sends with each start
OPTIONS = {"image": "registry.example/built:1", "token": "-", "repo_url": "https://example.org"}
# mock values for the public chart's schema: KubeSpawner rejects `imagePullSecret` in a container
NEVER_DEPLOYED = {"z2jh__lint-and-validate-values.yaml"}


@pytest.fixture(scope="module")
def real_url(tmp_path_factory):
    with api_server(tmp_path_factory.mktemp("kubernetes")) as url:
        yield url


def rejection(url: str, path: str, body: dict) -> str:
    """Return why the API server rejects `body`; an empty text if it accepts it."""
    request = urllib.request.Request(
        f"{url}{path}",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, context=unverified(), timeout=30):
            return ""
    except urllib.error.HTTPError as error:
        return "" if error.code == 409 else json.loads(error.read())["message"]


def rendered(file: Path) -> list[tuple[str, preview.Objects | preview.NotRendered]]:
    values = preview.read(file)
    slugs = preview.profiles(values)
    options = OPTIONS if file.name.startswith("mybinder") else {}
    requests = [
        preview.Request("Jo.E@example.org", profile=slug, options=options) for slug in slugs
    ]
    results = preview.each(values, requests)
    return [(f"{file.name} {slug or ''}", one) for slug, one in zip(slugs, results, strict=True)]


@pytest.mark.timeout(1200)
def test_every_profile_of_every_real_file_is_accepted(real_url):
    files = sorted((SHARED / "configs").glob("*.yaml"))
    if not files:
        pytest.skip("no real deployments' files here: Z2JH_SHARED names no folder with configs/")
    with ThreadPoolExecutor(2) as pool:
        results = [one for several in pool.map(rendered, files) for one in several]
    assert len(results) >= len(files)
    refused = {}
    for name, one in results:
        if isinstance(one, preview.NotRendered):
            refused[name] = str(one)
            continue
        classes = {one.pod["spec"].get("priorityClassName")} - {None}
        for priority in classes:
            body = {"kind": "PriorityClass", "apiVersion": "scheduling.k8s.io/v1", "value": 0,
                    "metadata": {"name": priority}}  # fmt: skip
            rejection(real_url, "/apis/scheduling.k8s.io/v1/priorityclasses", body)
        things = [("pods", one.pod), *(("persistentvolumeclaims", c) for c in one.claims)]
        for kind, thing in things:
            path = f"/api/v1/namespaces/default/{kind}?dryRun=All&fieldValidation=Strict"
            message = rejection(real_url, path, thing)
            if message:
                refused[name] = message
    assert {name: m for name, m in refused.items() if name.split()[0] not in NEVER_DEPLOYED} == {}
