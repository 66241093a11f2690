"""Hooks, logs, `exec`, limits, and injected faults."""

from __future__ import annotations

import pytest
from kubelet_support import NS, until
from test_kubelet_claims import HOME_MOUNT, HOME_VOLUME, home
from test_kubelet_pods import python, shell

from z2jh_hub.local.kubelet.limits import find_limits
from z2jh_hub.local.objects.resources import PODS
from z2jh_hub.local.objects.status import StatusError


async def gathered(logs) -> str:
    return b"".join([piece async for piece in logs]).decode()


async def test_post_start_runs_in_the_home_and_pre_stop_before_the_end(cluster):
    cluster.claim()
    cluster.create(
        pod_volumes=[HOME_VOLUME],
        volumeMounts=[HOME_MOUNT],
        lifecycle={
            "postStart": {"exec": {"command": ["sh", "-c", "pwd >/home/jovyan/started"]}},
            "preStop": {"exec": {"command": ["sh", "-c", "pwd >/home/jovyan/stopping"]}},
        },
    )
    await until(cluster.ready, "ready")
    # only whole words of a command are recognized as paths; here, both are part of one word
    assert (home(cluster) / "started").read_text().strip() == str(home(cluster))
    cluster.store.delete(PODS, NS, "jupyter-a", grace_seconds=5)
    await until(lambda: cluster.pod() is None, "gone")
    assert (home(cluster) / "stopping").exists()


async def test_a_post_start_hook_that_fails_kills_the_container(cluster):
    hook = {"postStart": {"exec": {"command": ["sh", "-c", "echo no such course; exit 9"]}}}
    cluster.create(pod_restartPolicy="Never", lifecycle=hook)
    await until(lambda: "terminated" in cluster.state_of(), "terminated")
    assert "no such course" in cluster.events()["FailedPostStartHook"]
    assert cluster.pod()["status"]["phase"] == "Failed"


async def test_logs_are_read_whole_by_the_tail_and_followed(cluster):
    script = (
        "for i in 1 2 3; do echo line $i; done; while [ ! -e go ]; do sleep 0.05; done; echo last"
    )
    cluster.create(pod_restartPolicy="Never", **shell(script))
    await until(lambda: "line 3" in cluster.log(), "output")
    read = cluster.kubelet.logs
    assert await gathered(await read(NS, "jupyter-a", "notebook")) == "line 1\nline 2\nline 3\n"
    assert await gathered(await read(NS, "jupyter-a", "notebook", tail_lines=1)) == "line 3\n"
    assert await gathered(await read(NS, "jupyter-a", "notebook", tail_lines=0)) == ""
    stamped = await gathered(await read(NS, "jupyter-a", "notebook", tail_lines=1, timestamps=True))
    assert stamped.startswith("20")
    assert stamped.endswith("Z line 3\n")
    followed = await read(NS, "jupyter-a", "notebook", tail_lines=1, follow=True)
    pieces = [await anext(followed)]
    (life,) = cluster.kubelet.pods.values()
    (life.containers[0].workspace.cwd / "go").touch()
    pieces += [piece async for piece in followed]
    assert b"".join(pieces) == b"line 3\nlast\n"


async def test_log_of_the_previous_run_is_kept(cluster):
    cluster.create(**shell("echo this run; exit 1"))
    await until(lambda: cluster.restarts() == 1, "another run")
    before = await cluster.kubelet.logs(NS, "jupyter-a", "notebook", previous=True)
    assert await gathered(before) == "this run\n"


async def test_logs_of_a_missing_container_are_rejected(cluster):
    with pytest.raises(StatusError, match="not found"):
        await cluster.kubelet.logs(NS, "nobody", "notebook")
    cluster.create(env=[{"name": "K", "valueFrom": {"secretKeyRef": {"name": "x", "key": "y"}}}])
    await until(lambda: "waiting" in cluster.state_of(), "waiting")
    with pytest.raises(StatusError, match="waiting to start"):
        await cluster.kubelet.logs(NS, "jupyter-a", "notebook")


async def test_a_command_runs_in_the_containers_environment(cluster):
    cluster.create(env=[{"name": "COURSE", "value": "stat 101"}])
    await until(cluster.ready, "ready")
    session = await cluster.kubelet.exec(
        NS, "jupyter-a", "notebook", ["sh", "-c", "cat; echo $COURSE; echo bad >&2; exit 3"]
    )
    await session.write(b"typed\n")
    await session.close_stdin()
    assert await gathered(session.stdout) == "typed\nstat 101\n"
    assert await gathered(session.stderr) == "bad\n"
    assert await session.wait() == 3


async def test_command_can_have_a_terminal(cluster):
    cluster.create()
    await until(cluster.ready, "ready")
    session = await cluster.kubelet.exec(
        NS,
        "jupyter-a",
        "notebook",
        ["sh", "-c", "read size; stty size; test -t 0 && exit 6"],
        tty=True,
    )
    await session.resize(91, 33)
    await session.write(b"go\n")
    assert "33 91" in await gathered(session.stdout)
    assert await session.wait() == 6


async def test_a_command_whose_caller_has_gone_is_killed(cluster):
    cluster.create()
    await until(cluster.ready, "ready")
    session = await cluster.kubelet.exec(NS, "jupyter-a", "notebook", ["sleep", "600"])
    await session.kill()
    assert await session.wait() == 137


async def test_container_above_its_memory_limit_is_oom_killed(start, tmp_path):
    limits = find_limits(f"z2jh-test-{tmp_path.name}")
    if not limits.parents:
        pytest.skip("no control group can be made here")
    cluster = start(limits=limits)
    if not {"memory", "unified"} & set(limits.parents):
        pytest.skip("no memory control group can be made here")
    cluster.create(
        pod_restartPolicy="Never",
        resources={"limits": {"memory": "50Mi", "cpu": "500m"}},
        **python("hog = []\nwhile True: hog.append(bytearray(b'x' * 2**20))"),
    )
    ended = await until(lambda: cluster.state_of().get("terminated"), "terminated", 60)
    assert (ended["reason"], ended["exitCode"]) == ("OOMKilled", 137)


@pytest.mark.parametrize(
    ("fault", "after"),
    [("ErrImagePull", "ImagePullBackOff"), ("CreateContainerError", "CreateContainerError")],
)
async def test_pod_waits_while_a_fault_blocks_its_image(cluster, fault, after):
    cluster.faults.fail_pod(fault)
    cluster.create()
    await until(lambda: cluster.state_of().get("waiting", {}).get("reason") == after, after)
    assert cluster.pod()["status"]["phase"] == "Pending"
    assert "Failed" in cluster.events()
    cluster.faults.clear()
    await until(cluster.ready, "ready")


async def test_an_unschedulable_pod_waits_for_a_node(cluster):
    cluster.faults.fail_pod("Unschedulable")
    cluster.create()
    await until(lambda: "FailedScheduling" in cluster.events(), "FailedScheduling")
    (condition,) = cluster.pod()["status"]["conditions"]
    assert (condition["type"], condition["status"]) == ("PodScheduled", "False")
    assert condition["reason"] == "Unschedulable"
    assert "nodeName" not in cluster.pod()["spec"]
    cluster.faults.clear()
    await until(cluster.ready, "ready")


@pytest.mark.parametrize(
    ("fault", "code"), [("OOMKilled", 137), ("Evicted", 137), ("CrashLoop", 1)]
)
async def test_pod_fails_with_the_reason_of_the_fault(cluster, fault, code):
    cluster.faults.fail_pod(fault, name="jupyter-a")
    cluster.create(pod_restartPolicy="Never")
    cluster.create("jupyter-b")
    ended = await until(lambda: cluster.state_of().get("terminated"), "terminated")
    assert ended["exitCode"] == code
    await until(lambda: cluster.pod()["status"]["phase"] == "Failed", "Failed")
    if fault != "CrashLoop":
        assert ended["reason"] == fault
    if fault == "Evicted":
        assert cluster.pod()["status"]["reason"] == "Evicted"
    await until(lambda: cluster.ready("jupyter-b"), "another pod")
