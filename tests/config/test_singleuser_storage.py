"""`singleuser.storage.*` and `singleuser.extraFiles`: homes and other mounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from traitlets.config import Config

from z2jh_hub.config.errors import Problem

Make = Callable[..., Config]
Find = Callable[..., dict[str, Problem]]

NO_HOME = "type: none"


def storage(text: str) -> str:
    return f"singleuser: {{storage: {{{text}}}}}"


def test_each_user_has_a_home(config: Make) -> None:
    spawner = config(storage("capacity: 5Gi, dynamic: {storageClass: fast}")).KubeSpawner
    assert spawner.storage_pvc_ensure is True
    assert spawner.storage_capacity == "5Gi"
    assert spawner.storage_class == "fast"
    assert spawner.storage_access_modes == ["ReadWriteOnce"]
    (volume,) = spawner.volumes.values()
    assert volume["persistentVolumeClaim"] == {"claimName": "{pvc_name}"}
    (mount,) = spawner.volume_mounts.values()
    assert (mount["mountPath"], mount["name"]) == ("/home/jovyan", volume["name"])


def test_names_of_claims_and_volumes(config: Make) -> None:
    text = storage("dynamic: {pvcNameTemplate: 'c-{username}', volumeNameTemplate: v, subPath: s}")
    spawner = config(text).KubeSpawner
    assert spawner.pvc_name_template == "c-{username}"
    assert list(spawner.volumes) == ["v"]
    assert spawner.volume_mounts["v"]["subPath"] == "s"


def test_static_claim_is_shared(config: Make) -> None:
    spawner = config(storage("type: static, static: {pvcName: nfs}")).KubeSpawner
    assert spawner.volumes["home"]["persistentVolumeClaim"] == {"claimName": "nfs"}
    assert spawner.volume_mounts["home"]["subPath"] == "{username}"
    assert "storage_pvc_ensure" not in spawner


def test_host_path_home(config: Make) -> None:
    text = storage("type: hostPath, homeHostPathTemplate: '/homes/{username}'")
    assert config(text).KubeSpawner.volumes["home"]["hostPath"]["path"] == "/homes/{username}"


def test_no_home(config: Make) -> None:
    spawner = config(storage(NO_HOME)).KubeSpawner
    assert (spawner.volumes, spawner.volume_mounts) == ({}, {})


@pytest.mark.parametrize(
    "text",
    ["extraVolumes: [{name: a}], extraVolumeMounts: [{name: a, mountPath: /a}]",
     "extraVolumes: {k: {name: a}}, extraVolumeMounts: {k: {name: a, mountPath: /a}}",
     "extraVolumes: [{name: a}], extraVolumeMounts: {k: {name: a, mountPath: /a}}"],
    ids=["lists", "maps", "both"],
)  # fmt: skip
def test_more_volumes(text: str, config: Make) -> None:
    spawner = config(storage(f"{NO_HOME}, {text}")).KubeSpawner
    assert list(spawner.volumes.values()) == [{"name": "a"}]
    assert list(spawner.volume_mounts.values()) == [{"name": "a", "mountPath": "/a"}]


FILES = "extraFiles: {f: {mountPath: /f, stringData: s, mode: 420}, g: {mountPath: /g, data: {}}}"


def test_extra_files(config: Make) -> None:
    spawner = config(f"singleuser: {{storage: {{{NO_HOME}}}, {FILES}}}").KubeSpawner
    assert spawner.volumes["files"]["secret"] == {
        "secretName": "singleuser",
        "items": [{"key": "f", "path": "f", "mode": 420}, {"key": "g", "path": "g"}],
    }
    assert [(m["mountPath"], m["subPath"]) for m in spawner.volume_mounts.values()] == [
        ("/f", "f"), ("/g", "g")
    ]  # fmt: skip


def test_a_mount_of_a_volume_named_files_hides_no_extra_file(config: Make) -> None:
    mounts = "extraVolumeMounts: [{name: files, mountPath: /mine, subPath: f}]"
    spawner = config(f"singleuser: {{storage: {{{NO_HOME}, {mounts}}}, {FILES}}}").KubeSpawner
    assert {m["mountPath"] for m in spawner.volume_mounts.values()} == {"/f", "/g", "/mine"}


def test_labels_of_claims(config: Make) -> None:
    assert config(storage("extraLabels: {a: b}")).KubeSpawner.storage_extra_labels == {"a": "b"}


@pytest.mark.parametrize(
    ("text", "key", "rule"),
    [
        ("type: dynamc", "type", "value"),
        ("type: static", "static.pvcName", "missing-key"),
        ("type: hostPath", "homeHostPathTemplate", "missing-key"),
        ("capacity: 10 GB", "capacity", "value"),
        ("homeMountPath: home", "homeMountPath", "value"),
        ("extraVolumes: [a]", "extraVolumes", "value"),
        ("extraVolumes: [{a: b}]", "extraVolumes.0", "missing-key"),
        ("extraVolumeMounts: {k: {name: a}}", "extraVolumeMounts.k", "missing-key"),
        (
            "extraVolumeMounts: [{name: a, mountPath: /home/jovyan/}]",
            "extraVolumeMounts.0.mountPath",
            "mount-collision",
        ),
        (
            "extraVolumeMounts: [{name: a, mountPath: /a}, {name: b, mountPath: /a}]",
            "extraVolumeMounts.1.mountPath",
            "mount-collision",
        ),
    ],
)
def test_invalid_mounts_are_reported(text: str, key: str, rule: str, problems: Find) -> None:
    problem = problems(storage(text))[f"singleuser.storage.{key}"]
    assert (problem.severity, problem.rule) == ("error", rule)


def test_mount_that_hides_the_home_is_reported(problems: Find) -> None:
    text = storage("extraVolumeMounts: [{name: a, mountPath: /home/jovyan}]")
    assert "hides the user's home" in next(iter(problems(text).values())).message


def test_file_at_a_used_path_is_reported(problems: Find) -> None:
    text = "singleuser: {extraFiles: {f: {mountPath: /home/jovyan, stringData: s}}}"
    assert problems(text)["singleuser.extraFiles.f.mountPath"].rule == "mount-collision"


def test_volume_with_the_name_for_extra_files_is_reported(problems: Find) -> None:
    text = f"singleuser: {{storage: {{extraVolumes: [{{name: files}}]}}, {FILES}}}"
    assert problems(text)["singleuser.storage.extraVolumes"].given == "files"


def test_file_without_a_mount_path_is_reported(problems: Find) -> None:
    assert "singleuser.extraFiles.f.mountPath" in problems("singleuser: {extraFiles: {f: {}}}")


METADATA = "cloudMetadata: {blockWithIptables: true, ip: 1.2.3.4}"
TOOLS = "networkTools: {image: {name: n, tag: t}, resources: {limits: {cpu: 1}}}"


def test_the_container_that_blocks_the_metadata_server(config: Make) -> None:
    containers: list[dict[str, Any]] = config(
        f"singleuser: {{initContainers: [{{name: mine}}], {METADATA}, {TOOLS}}}"
    ).KubeSpawner.init_containers
    mine, block = containers
    assert mine == {"name": "mine"}
    assert block["image"] == "n:t"
    assert "1.2.3.4" in block["command"]
    assert block["resources"] == {"limits": {"cpu": 1}}
    assert block["securityContext"]["capabilities"] == {"add": ["NET_ADMIN"]}


def test_container_is_also_added_to_a_map_of_containers(config: Make) -> None:
    text = f"singleuser: {{initContainers: {{mine: {{name: mine}}}}, {METADATA}}}"
    assert set(config(text).KubeSpawner.init_containers) == {"mine", "block-cloud-metadata"}


def test_off(config: Make) -> None:
    text = "singleuser: {cloudMetadata: {blockWithIptables: false}}"
    assert config(text).KubeSpawner.init_containers == []
