"""Claims are directories: they are kept, restored, moved to the trash, and mounted by path."""

from __future__ import annotations

import stat

from kubelet_support import NS, until
from test_kubelet_pods import shell

from z2jh_hub.local.objects.resources import CLAIMS, CONFIG_MAPS, PODS, SECRETS, VOLUMES

HOME_VOLUME = {"name": "home", "persistentVolumeClaim": {"claimName": "claim-a"}}
HOME_MOUNT = {"name": "home", "mountPath": "/home/jovyan"}


def bound(cluster, name="claim-a"):
    claim = cluster.store.find(CLAIMS, NS, name)
    return bool(claim) and (claim.obj.get("status") or {}).get("phase") == "Bound"


def home(cluster, name="claim-a"):
    return cluster.state.claims / NS / name


async def test_a_claim_is_a_private_directory_bound_to_a_volume(cluster):
    cluster.claim()
    await until(lambda: bound(cluster), "bound")
    assert stat.S_IMODE(home(cluster).stat().st_mode) == 0o700
    volume = cluster.store.get(CLAIMS, NS, "claim-a")["spec"]["volumeName"]
    assert cluster.store.get(VOLUMES, None, volume)["spec"]["claimRef"]["name"] == "claim-a"


async def test_a_pod_waits_for_its_claim(cluster):
    cluster.create(pod_volumes=[HOME_VOLUME], volumeMounts=[HOME_MOUNT])
    await until(lambda: "FailedScheduling" in cluster.events(), "FailedScheduling")
    assert cluster.events()["FailedScheduling"] == 'persistentvolumeclaim "claim-a" not found'
    assert cluster.pod()["status"]["phase"] == "Pending"
    cluster.claim()
    await until(cluster.ready, "ready")


async def test_home_is_the_claim_and_paths_in_env_args_and_workdir_follow(cluster):
    cluster.claim()
    script = 'echo "$HOME|$NOTES|$PWD|$1|$PREFIX_URL" >~/file; sleep 600'
    cluster.create(
        image="plain",
        ports=[],
        command=["/bin/sh", "-c", script, "sh"],
        args=["--dir=/home/jovyan/work"],
        env=[
            {"name": "NOTES", "value": "/home/jovyan/notes:/home/jovyan2"},
            {"name": "PREFIX_URL", "value": "/home/jovyan/"},
        ],
        workingDir="/home/jovyan/work",
        pod_volumes=[HOME_VOLUME],
        volumeMounts=[HOME_MOUNT],
    )
    file = home(cluster) / "file"
    await until(lambda: file.exists() and file.read_text(), "a file in the home")
    here = home(cluster)
    assert file.read_text().strip().split("|") == [
        str(here),
        f"{here}/notes:/home/jovyan2",
        f"{here}/work",
        f"--dir={here}/work",
        "/home/jovyan/",
    ]


async def test_files_survive_in_the_next_pod(cluster):
    cluster.claim()
    mounted = {"pod_volumes": [HOME_VOLUME], "volumeMounts": [HOME_MOUNT]}
    cluster.create("jupyter-a", **shell("echo mine >~/file; sleep 600"), **mounted)
    await until(lambda: (home(cluster) / "file").exists(), "the file")
    cluster.store.delete(PODS, NS, "jupyter-a", grace_seconds=0)
    await until(lambda: cluster.pod() is None and not cluster.kubelet.pods, "gone")
    cluster.create("jupyter-a", **shell("cat ~/file; sleep 600"), **mounted)
    await until(lambda: cluster.pod() and "mine" in cluster.log(), "the file's text")


async def test_sub_path_is_created_and_one_outside_is_rejected(cluster):
    cluster.claim()
    mounts = [
        HOME_MOUNT | {"subPath": "users/a"},
        {"name": "home", "mountPath": "/data", "subPath": "../../secret"},
    ]
    cluster.create(pod_volumes=[HOME_VOLUME], volumeMounts=mounts, **shell("touch ~/x; sleep 600"))
    await until(lambda: (home(cluster) / "users" / "a" / "x").exists(), "the file")
    assert "leads out of the volume" in cluster.events()["FailedMount"]


async def test_volumes_inside_the_home_are_links_that_never_hide_a_users_files(cluster):
    cluster.claim()
    cluster.claim("claim-shared")
    await until(lambda: bound(cluster) and bound(cluster, "claim-shared"), "bound")
    (home(cluster) / "taken").mkdir()
    (home(cluster) / "taken" / "thesis.txt").write_text("all of it")
    shared = {"name": "shared", "persistentVolumeClaim": {"claimName": "claim-shared"}}
    cluster.create(
        pod_volumes=[HOME_VOLUME, shared, {"name": "scratch", "emptyDir": {}}],
        volumeMounts=[
            HOME_MOUNT,
            {"name": "shared", "mountPath": "/home/jovyan/shared"},
            {"name": "scratch", "mountPath": "/home/jovyan/scratch"},
            {"name": "scratch", "mountPath": "/home/jovyan/taken"},
        ],
        **shell("echo hello >~/shared/file; echo brief >~/scratch/file; sleep 600"),
    )
    await until(lambda: (home(cluster, "claim-shared") / "file").exists(), "the shared file")
    await until(lambda: (home(cluster) / "scratch" / "file").exists(), "the scratch file")
    assert (home(cluster) / "taken" / "thesis.txt").read_text() == "all of it"
    assert "/home/jovyan/taken" in cluster.events()["FailedMount"]
    cluster.store.delete(PODS, NS, "jupyter-a", grace_seconds=0)
    await until(lambda: not cluster.kubelet.pods, "gone")
    assert not (home(cluster) / "scratch").is_symlink()
    assert (home(cluster) / "shared" / "file").read_text() == "hello\n"


async def test_secrets_and_config_maps_are_private_files_and_host_paths_are_not_followed(cluster):
    cluster.store.create(SECRETS, NS, {"metadata": {"name": "keys"}, "data": {"a": "c2VjcmV0"}})
    cluster.store.create(CONFIG_MAPS, NS, {"metadata": {"name": "conf"}, "data": {"b.py": "x=1"}})
    cluster.create(
        pod_volumes=[
            {"name": "keys", "secret": {"secretName": "keys"}},
            {"name": "conf", "configMap": {"name": "conf"}},
            {"name": "host", "hostPath": {"path": "/etc"}},
        ],
        volumeMounts=[
            {"name": "keys", "mountPath": "/srv/keys"},
            {"name": "conf", "mountPath": "/etc/jupyter/b.py", "subPath": "b.py"},
            {"name": "host", "mountPath": "/mnt/host"},
        ],
        image="plain",
        ports=[],
        command=[
            "/bin/sh",
            "-c",
            'ls -l "$1"; cat "$1" "$2"; echo; echo "$JUPYTER_CONFIG_PATH"',
            "sh",
        ],
        args=["/srv/keys/a", "/etc/jupyter/b.py"],
    )
    await until(lambda: "terminated" in cluster.state_of(), "the end")
    text = cluster.log()
    assert "-rw-------" in text
    assert "secretx=1" in text
    assert text.strip().endswith("/root/notebook/etc/jupyter")
    stand_in = cluster.state.volumes / "hostPath" / "etc"
    assert str(stand_in) in cluster.events()["StandIn"]
    assert list(stand_in.iterdir()) == []


async def test_files_of_a_deleted_claim_move_to_the_trash_with_an_event(cluster):
    cluster.claim()
    await until(lambda: bound(cluster), "bound")
    (home(cluster) / "thesis.txt").write_text("all of it")
    cluster.store.delete(CLAIMS, NS, "claim-a")
    await until(lambda: "Trashed" in cluster.events("claim-a"), "Trashed")
    (trashed,) = (cluster.state.trash / NS).iterdir()
    assert (trashed / "thesis.txt").read_text() == "all of it"
    assert str(trashed) in cluster.events("claim-a")["Trashed"]
    assert not home(cluster).exists()
    assert cluster.store.list(VOLUMES)[0] == []


async def test_a_claim_in_use_is_only_trashed_when_its_pod_has_gone(cluster):
    cluster.claim()
    cluster.create(pod_volumes=[HOME_VOLUME], volumeMounts=[HOME_MOUNT])
    await until(cluster.ready, "ready")
    cluster.store.delete(CLAIMS, NS, "claim-a")
    assert cluster.store.get(CLAIMS, NS, "claim-a")["metadata"]["deletionTimestamp"]
    assert home(cluster).exists()
    cluster.store.delete(PODS, NS, "jupyter-a", grace_seconds=1)
    await until(lambda: "Trashed" in cluster.events("claim-a"), "Trashed")
    assert not home(cluster).exists()


async def test_claims_are_restored_with_labels_or_from_their_directory(start):
    first = start()
    first.claim()
    await until(lambda: bound(first), "bound")
    first.store.modify(CLAIMS, NS, "claim-a", lambda c: c["metadata"].update(labels={"a": "b"}))
    record = first.state.claim_records / NS / "claim-a.json"
    await until(lambda: "labels" in record.read_text(), "the record")
    (home(first) / "file").write_text("mine")
    (home(first, "claim-by-hand")).mkdir()
    await first.close()
    second = start()
    await until(lambda: bound(second) and bound(second, "claim-by-hand"), "bound")
    assert second.store.get(CLAIMS, NS, "claim-a")["metadata"]["labels"] == {"a": "b"}
    assert (home(second) / "file").read_text() == "mine"
