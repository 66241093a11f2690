"""The Kubernetes client made lazy is the same client."""

from __future__ import annotations

import subprocess
import sys

DESCRIBE = """
import importlib, json, sys
told = {}
for name in ("kubernetes_asyncio.client", "kubernetes_asyncio.client.models"):
    module = importlib.import_module(name)
    told[name] = {
        key: f"{value.__module__}.{value.__qualname__}"
        for key in dir(module)
        if isinstance(value := getattr(module, key), type)
    }
print(json.dumps(told, sort_keys=True))
"""


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], check=True, capture_output=True, text=True
    ).stdout


def test_the_same_classes_under_the_same_names() -> None:
    lazy = "from z2jh_hub.hub import lazy_kubernetes; lazy_kubernetes.install()\n"
    told = run(lazy + DESCRIBE)
    assert "V1Pod" in told
    assert told == run(DESCRIBE)


def test_a_name_that_is_not_there() -> None:
    code = """
from z2jh_hub.hub import lazy_kubernetes; lazy_kubernetes.install()
from kubernetes_asyncio import client
try:
    client.V1Nonsense
except AttributeError as error:
    print(error)
"""
    assert run(code) == "module 'kubernetes_asyncio.client' has no attribute 'V1Nonsense'\n"


def test_only_what_is_used_is_imported() -> None:
    code = """
import sys
from z2jh_hub.hub import lazy_kubernetes; lazy_kubernetes.install()
from kubernetes_asyncio.client.models import V1Pod
from kubernetes_asyncio import client
print(sum(name.startswith("kubernetes_asyncio.client.models.") for name in sys.modules))
"""
    assert run(code) == "1\n"


def test_nothing_is_done_where_the_client_is_imported_already() -> None:
    code = """
import sys
import kubernetes_asyncio.client
before = list(sys.meta_path)
from z2jh_hub.hub import lazy_kubernetes; lazy_kubernetes.install()
print(sys.meta_path == before)
"""
    assert run(code) == "True\n"
