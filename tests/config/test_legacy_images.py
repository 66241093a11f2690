"""Deprecated keys of images and the ingress, and tags that YAML reads as numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import helm_python
import pytest
from support.charts import render
from traitlets.config import Config

from z2jh_hub.check import check
from z2jh_hub.config.errors import Problem

Make = Callable[..., Config]
Find = Callable[..., dict[str, Problem]]

LOGIN = "{enabled: true, registry: r.example, username: u, password: p}"


def test_one_login_for_hub_and_users(config: Make, problems: Find) -> None:
    text = f"{{hub: {{imagePullSecret: {LOGIN}}}, singleuser: {{imagePullSecret: {LOGIN}}}}}"
    assert config(text).KubeSpawner.image_pull_secrets == [{"name": "image-pull-secret"}]
    result = problems(text)
    for part in ("hub", "singleuser"):
        assert result[f"{part}.imagePullSecret"].message.endswith("use `imagePullSecret`")
    assert {problem.severity for problem in result.values()} == {"warning"}


def test_two_logins_are_an_error(problems: Find) -> None:
    other = LOGIN.replace("r.example", "other.example")
    text = f"{{hub: {{imagePullSecret: {LOGIN}}}, singleuser: {{imagePullSecret: {other}}}}}"
    problem = problems(text)["singleuser.imagePullSecret.registry"]
    assert (problem.severity, "imagePullSecrets" in problem.hint) == ("error", True)


def test_mounted_values_contain_no_registry_password() -> None:
    text = f"singleuser: {{imagePullSecret: {LOGIN.replace('p}', 'PRIVATE}')}}}"
    objects = render(text)
    assert "PRIVATE" not in objects.secret("hub-values")["values.yaml"]
    assert "PRIVATE" in objects.secret("image-pull-secret")[".dockerconfigjson"]


def test_kube_lego_annotation_stays_for_cert_manager() -> None:
    ingress = render("ingress: {enabled: true, host: h.example, https: {enabled: true}}")[
        "Ingress/jupyterhub"
    ]
    assert ingress["metadata"]["annotations"] == {"kubernetes.io/tls-acme": "true"}
    assert ingress["spec"]["tls"][0]["hosts"] == ["h.example"]
    assert ingress["spec"]["rules"][0]["host"] == "h.example"


@pytest.mark.parametrize(
    ("secrets", "names"),
    [
        ("[a, b]", ["a", "b"]),
        ("[{name: a}]", ["a"]),
        ("[a, {name: a}, {name: b}]", ["a", "b"]),
    ],
)
def test_pull_secrets_are_references(secrets: str, names: list[str], config: Make) -> None:
    for text in (
        f"imagePullSecrets: {secrets}",
        f"singleuser: {{image: {{pullSecrets: {secrets}}}}}",
    ):
        result = config(text).KubeSpawner.image_pull_secrets
        assert result == [{"name": name} for name in names]


@pytest.mark.parametrize(
    ("tag_value", "tag"), [("1.0", "1"), ("16.04", "16.04"), ("20240101", "20240101"), ("7", "7")]
)
def test_a_number_as_tag(tag_value: str, tag: str, config: Make, tmp_path: Path) -> None:
    image = f"{{name: n, tag: {tag_value}}}"
    more = f"{{x: {{name: x, tag: {tag_value}}}}}"
    text = f"{{singleuser: {{image: {image}}}, prePuller: {{extraImages: {more}}}}}"
    assert config(text).KubeSpawner.image == f"n:{tag}"
    objects = render(text)
    pulled = [
        each["image"] for each in objects.pod("DaemonSet/hook-image-puller")["initContainers"]
    ]
    assert pulled == [f"n:{tag}", f"x:{tag}"]
    file = tmp_path / "config.yaml"
    file.write_text(text)
    result = [p for p in check([file], run=False) if p.key.endswith(".tag")]
    assert [(p.severity, f"read as {tag}" in p.message) for p in result] == [("warning", True)] * 2


def test_top_level_storage_is_refused_with_a_hint() -> None:
    with pytest.raises(helm_python.HelmError, match=r"move this key below singleuser"):
        render("storage: {capacity: 2Gi}")
