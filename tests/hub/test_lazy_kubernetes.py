"""The lazy Kubernetes client has the same content as the original."""

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
    exports = run(lazy + DESCRIBE)
    assert "V1Pod" in exports
    assert exports == run(DESCRIBE)


def test_unknown_name_raises_attribute_error() -> None:
    code = """
from z2jh_hub.hub import lazy_kubernetes; lazy_kubernetes.install()
from kubernetes_asyncio import client
try:
    client.V1Nonsense
except AttributeError as error:
    print(error)
"""
    assert run(code) == "module 'kubernetes_asyncio.client' has no attribute 'V1Nonsense'\n"


def test_only_used_modules_are_imported() -> None:
    code = """
import sys
from z2jh_hub.hub import lazy_kubernetes; lazy_kubernetes.install()
from kubernetes_asyncio.client.models import V1Pod
from kubernetes_asyncio import client
print(sum(name.startswith("kubernetes_asyncio.client.models.") for name in sys.modules))
"""
    assert run(code) == "1\n"


def test_imported_client_is_unchanged() -> None:
    code = """
import sys
import kubernetes_asyncio.client
before = list(sys.meta_path)
from z2jh_hub.hub import lazy_kubernetes; lazy_kubernetes.install()
print(sys.meta_path == before)
"""
    assert run(code) == "True\n"
