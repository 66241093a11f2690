"""`singleuser.*`: the pods of user servers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from traitlets.config import Config

from z2jh_hub.config.errors import Problem

Make = Callable[..., Config]
Find = Callable[..., dict[str, Problem]]


def test_defaults(config: Make) -> None:
    c = config()
    assert c.KubeSpawner.mem_guarantee == "1G"
    assert "mem_limit" not in c.KubeSpawner
    assert c.KubeSpawner.start_timeout == 300
    assert c.KubeSpawner.uid == 1000
    assert c.KubeSpawner.fs_gid == 100
    assert c.KubeSpawner.allow_privilege_escalation is False
    assert c.KubeSpawner.events_enabled is True
    assert c.Spawner.cmd == "jupyterhub-singleuser"
    assert c.KubeSpawner.extra_labels == {"hub.jupyter.org/network-access-hub": "true"}


@pytest.mark.parametrize(
    ("text", "trait", "expected"),
    [
        ("image: {name: a, tag: b}", "image", "a:b"),
        ("image: {name: a, tag: null}", "image", "a"),
        ("image: {name: a, tag: 3.12}", "image", "a:3.12"),
        ("image: {pullPolicy: Always}", "image_pull_policy", "Always"),
        (
            "image: {pullSecrets: [a, {name: b}, a]}",
            "image_pull_secrets",
            [{"name": "a"}, {"name": "b"}],
        ),
        ("memory: {limit: 2G}", "mem_limit", "2G"),
        ("memory: {guarantee: 1073741824}", "mem_guarantee", 1073741824),
        ("cpu: {limit: 2}", "cpu_limit", 2),
        ("cpu: {guarantee: 0.5}", "cpu_guarantee", 0.5),
        ("extraResource: {limits: {g: 1}}", "extra_resource_limits", {"g": 1}),
        ("extraResource: {guarantees: {g: 1}}", "extra_resource_guarantees", {"g": 1}),
        ("extraEnv: {A: b}", "environment", {"A": "b"}),
        (
            "extraEnv: {A: {name: A, valueFrom: {fieldRef: {fieldPath: x}}}}",
            "environment",
            {"A": {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}},
        ),
        ("extraAnnotations: {a: b}", "extra_annotations", {"a": "b"}),
        ("extraContainers: [{name: a}]", "extra_containers", [{"name": "a"}]),
        ("extraPodConfig: {a: b}", "extra_pod_config", {"a": "b"}),
        ("lifecycleHooks: {postStart: {}}", "lifecycle_hooks", {"postStart": {}}),
        ("nodeSelector: {a: b}", "node_selector", {"a": "b"}),
        ("profileList: [{display_name: a}]", "profile_list", [{"display_name": "a"}]),
        (
            "podSecurityContext: {supplementalGroups: [7]}",
            "pod_security_context",
            {"supplementalGroups": [7]},
        ),
        ("podNameTemplate: 'a-{user_server}'", "pod_name_template", "a-{user_server}"),
        ("serviceAccountName: a", "service_account", "a"),
        ("startTimeout: 5", "start_timeout", 5),
        ("events: false", "events_enabled", False),
        ("uid: 0", "uid", 0),
        ("fsGid: 0", "fs_gid", 0),
        ("allowPrivilegeEscalation: null", "allow_privilege_escalation", None),
        ("allowPrivilegeEscalation: true", "allow_privilege_escalation", True),
    ],
)
def test_a_trait_of_the_spawner(text: str, trait: str, expected: Any, config: Make) -> None:
    assert config(f"singleuser: {{{text}}}").KubeSpawner[trait] == expected


def test_init_containers(config: Make) -> None:
    c = config(
        "singleuser: {initContainers: [{name: a}], cloudMetadata: {blockWithIptables: false}}"
    )
    assert c.KubeSpawner.init_containers == [{"name": "a"}]


def test_extra_labels_are_added_to_the_charts(config: Make) -> None:
    labels = config("singleuser: {extraLabels: {a: b}}").KubeSpawner.extra_labels
    assert labels == {"a": "b", "hub.jupyter.org/network-access-hub": "true"}


@pytest.mark.parametrize(
    ("text", "expected"), [("cmd: [a, b]", ["a", "b"]), ("cmd: a", "a"), ("defaultUrl: /lab", None)]
)
def test_command(text: str, expected: Any, config: Make) -> None:
    spawner = config(f"singleuser: {{{text}}}").Spawner
    assert spawner.cmd == (expected or "jupyterhub-singleuser")
    assert spawner.get("default_url") == (None if expected else "/lab")


def test_null_command_runs_the_images_command(config: Make) -> None:
    assert "cmd" not in config("singleuser: {cmd: null}").Spawner


def test_labels_that_services_and_policies_select(config: Make) -> None:
    text = "{Chart: {Name: jupyterhub, Version: 1.0+a}, Release: {Name: r}}"
    assert config(text).KubeSpawner.common_labels == {
        "app": "jupyterhub",
        "release": "r",
        "chart": "jupyterhub-1.0_a",
        "helm.sh/chart": "jupyterhub-1.0_a",
        "app.kubernetes.io/name": "jupyterhub",
        "app.kubernetes.io/instance": "r",
        "app.kubernetes.io/managed-by": "kubespawner",
    }


def test_a_label_is_at_most_63_characters(config: Make) -> None:
    c = config(f"{{nameOverride: {'a' * 62}-b, Release: {{Name: r}}}}")
    assert c.KubeSpawner.common_labels["app"] == "a" * 62


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("imagePullSecret: {create: true}", ["image-pull-secret", "b", "a"]),
        ("imagePullSecret: {create: true, automaticReferenceInjection: false}", ["b", "a"]),
    ],
)
def test_pull_secrets_from_everywhere(text: str, expected: list[str], config: Make) -> None:
    text = f"{{{text}, imagePullSecrets: [b], singleuser: {{image: {{pullSecrets: [a, b]}}}}}}"
    assert config(text).KubeSpawner.image_pull_secrets == [{"name": name} for name in expected]


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("memory: {limit: lots}", "memory.limit", "512M or 1.5G"),
        ("memory: {limit: 2Gi}", "memory.limit", "512M or 1.5G"),
        ("cpu: {limit: 500m}", "cpu.limit", "cores"),
        ("uid: root", "uid", "a whole number"),
        ("startTimeout: 0", "startTimeout", "at least 1"),
        ("image: {pullPolicy: always}", "image.pullPolicy", "Always"),
        ("cmd: {a: b}", "cmd", "a list of strings"),
        ("profileList: {a: b}", "profileList", "a list of mappings"),
        ("extraEnv: [a]", "extraEnv", "a mapping"),
        ("initContainers: a", "initContainers", "a mapping"),
    ],
)
def test_a_value_of_the_wrong_kind(text: str, key: str, expected: str, problems: Find) -> None:
    problem = problems(f"singleuser: {{{text}}}")[f"singleuser.{key}"]
    assert expected in problem.expected
    assert problem.severity == "error"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("memory: {limit: 1G, guarantee: 1025M}", "memory.guarantee"),
        ("memory: {limit: 1000}", "memory.guarantee"),
        ("cpu: {limit: 0.1, guarantee: 1}", "cpu.guarantee"),
    ],
)
def test_a_guarantee_above_its_limit(text: str, key: str, problems: Find) -> None:
    assert problems(f"singleuser: {{{text}}}")[f"singleuser.{key}"].rule == "guarantee-above-limit"


@pytest.mark.parametrize(
    "text", ["memory: {limit: 1024M, guarantee: 1G}", "cpu: {limit: 0, guarantee: 1}"]
)
def test_a_guarantee_that_its_limit_allows(text: str, problems: Find) -> None:
    assert problems(f"singleuser: {{{text}}}") == {}
