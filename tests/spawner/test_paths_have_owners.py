"""A directory of a shared volume belongs to one user, like a claim."""

from __future__ import annotations

from typing import Any

import pytest
from support.owners import delete, start, stop

from z2jh_hub.spawner.path_owners import templates

# both are ada-lovelace---d239a0a8 for KubeSpawner
ADA, DOUBLE = "ada.lovelace", "ada!-@~!.~@=@~..lovelace"
POD = "jupyter-ada-lovelace---d239a0a8"

SHARED = {"pvcName": "nfs", "subPath": "home/{username}"}
PLACES: dict[str, dict[str, Any]] = {
    "static": {"type": "static", "static": SHARED},
    "hostPath": {"type": "hostPath", "homeHostPathTemplate": "/homes/{username}"},
    "one claim": {"dynamic": {"pvcNameTemplate": "everybody", "subPath": "{username}"}},
    "nfs": {
        "type": "none",
        "extraVolumes": [{"name": "h", "nfs": {"server": "files", "path": "/h/{username}"}}],
        "extraVolumeMounts": [{"name": "h", "mountPath": "/home/jovyan"}],
    },
}


@pytest.mark.parametrize("storage", PLACES.values(), ids=PLACES)
def test_a_slug_collision_does_not_give_a_directory_away(start_hub, cluster, storage) -> None:
    values = {"singleuser": {"storage": storage}}
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        assert start(hub, ADA) == ""
        stop(hub, ADA)
        message = start(hub, DOUBLE)
        assert "(home-of-another)" in message
        assert ADA not in message
        assert cluster.names("pods") == []
        assert f"belongs to user '{ADA}'; requested by '{DOUBLE}'" in hub.log.read_text()
        # the first one is not locked out
        delete(hub, DOUBLE)
        hub.api("users/grace.hopper", "POST")
        assert start(hub, ADA) == ""
        assert cluster.names("pods") == [POD]


def test_a_named_server_does_not_get_the_directory_of_another_user(start_hub, cluster) -> None:
    static = {**SHARED, "subPath": "home/{username}{servername}"}
    values = {
        "hub": {"allowNamedServers": True},
        "singleuser": {"storage": {"type": "static", "static": static}},
    }
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        assert start(hub, "alice") == ""
        assert "(home-of-another)" in start(hub, "al", "ice")
        assert cluster.names("pods") == ["jupyter-alice"]
        assert start(hub, "al", "lab") == ""
        assert start(hub, "alice", "second") == ""


@pytest.mark.parametrize("kind", ["static", "one claim"])
def test_next_user_of_a_name_is_logged_with_the_directory(start_hub, cluster, kind) -> None:
    values = {"singleuser": {"storage": PLACES[kind]}}
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        assert start(hub, "ada") == ""
        stop(hub, "ada")
        delete(hub, "ada")
        assert start(hub, "ada") == ""
        path = {"static": "nfs:home/ada", "one claim": "everybody:ada"}[kind]
        log = hub.log.read_text()
        assert "another user had this name until" in log
        assert f"the directory {path} may have their files" in log


@pytest.mark.parametrize(
    ("source", "sub_path", "expected"),
    [
        ({"persistentVolumeClaim": {"claimName": "{pvc_name}"}}, "{username}", []),
        ({"persistentVolumeClaim": {"claimName": "data-{username}"}}, None, []),
        ({"persistentVolumeClaim": {"claimName": "all"}}, "{username}", ["all\n{username}"]),
        ({"persistentVolumeClaim": {"claimName": "all"}}, "shared", []),
        ({"secret": {"secretName": "key-{username}"}}, None, ["key-{username}\n"]),
        ({"emptyDir": {}}, "{username}", ["\n{username}"]),
    ],
)
def test_claims_with_an_owner_are_left_out(source, sub_path, expected) -> None:
    mount = {"name": "v", "mountPath": "/m/{username}", "subPath": sub_path}
    result = list(templates([{"name": "v", **source}], [mount], "claim-{username}"))
    assert result == [each for each in expected if "emptyDir" not in source]
