"""Kubeconfigs that cannot be used: the message says which part is wrong, and shows no secret."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from z2jh_hub.chores import ChoreError
from z2jh_hub.chores.cluster import find_cluster

RIGHT: dict[str, Any] = {
    "current-context": "c",
    "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
    "clusters": [{"name": "k", "cluster": {"server": "https://kubernetes.example:6443"}}],
    "users": [{"name": "u", "user": {"token": "a-secret-token"}}],
}
WRONG = {
    "no context": (("current-context",), None, "no name of the context to use"),
    "another context": (("current-context",), "d", "no context d"),
    "no cluster": (("clusters",), [], "no cluster k"),
    "no user": (("users",), None, "no user u"),
    "no server": (("clusters", 0, "cluster", "server"), None, "no server such as https://"),
    "no scheme": (("clusters", 0, "cluster", "server"), "example:6443", "no server such as"),
    "no port": (("clusters", 0, "cluster", "server"), "https://a:port", "no server such as"),
    "no file": (("clusters", 0, "cluster", "certificate-authority"), "no/ca.crt", "no/ca.crt"),
    "no base64": (("clusters", 0, "cluster", "certificate-authority-data"), "a", "certificate"),
    "no PEM": (("clusters", 0, "cluster", "certificate-authority-data"), "YQ==", "certificate"),
    "no mapping": (("contexts",), "text", "is not a kubeconfig"),
}


def message(folder: Path, content: bytes) -> str:
    file = folder / "kubeconfig"
    file.write_bytes(content)
    with pytest.raises(ChoreError) as raised:
        find_cluster({"KUBECONFIG": str(file)})
    assert str(file) in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_part_is_named(tmp_path: Path, kind: str) -> None:
    path, value, words = WRONG[kind]
    config = node = deepcopy(RIGHT)
    for part in path[:-1]:
        node = node[part]  # type: ignore[index]
    node[path[-1]] = value  # type: ignore[index]
    printed = message(tmp_path, yaml.safe_dump(config).encode())
    assert words in printed
    assert "a-secret-token" not in printed


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"text"])
def test_file_that_is_no_kubeconfig_is_named(tmp_path: Path, content: bytes) -> None:
    assert "kubeconfig" in message(tmp_path, content)


def test_missing_token_file_is_named(tmp_path: Path) -> None:
    config = deepcopy(RIGHT)
    config["users"][0]["user"] = {"tokenFile": "no-token"}
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(config))
    with pytest.raises(ChoreError, match=r"tokenFile.*no-token"):
        asyncio.run(find_cluster({"KUBECONFIG": str(file)}).token())
