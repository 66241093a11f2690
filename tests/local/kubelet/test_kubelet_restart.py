"""A kubelet that is killed, and the next one with the same state directory."""

from __future__ import annotations

import os
import signal

from kubelet_support import NS, alive, until
from test_kubelet_pods import get, shell

from z2jh_hub.local.kubelet import processes
from z2jh_hub.local.objects.resources import PODS, SECRETS


async def test_a_running_pod_is_adopted_and_can_be_ended(start):
    first = start()
    first.create()
    await until(first.ready, "ready")
    pid, status = first.main_pid(), first.pod()["status"]
    await first.vanish()
    assert alive(pid)

    second = start()
    assert second.pod()["status"]["podIP"] == status["podIP"]
    assert second.pod()["metadata"]["uid"] == first.pod()["metadata"]["uid"]
    await until(second.ready, "ready")
    assert second.main_pid() == pid
    assert get(f"http://{status['podIP']}:8888/") == 200
    second.create("jupyter-b")
    await until(lambda: second.ready("jupyter-b"), "another pod")
    assert second.pod("jupyter-b")["status"]["podIP"] != status["podIP"]
    second.store.delete(PODS, NS, "jupyter-a", grace_seconds=1)
    await until(lambda: second.pod() is None, "gone")
    assert not alive(pid)


async def test_the_exit_of_an_adopted_container_is_seen_with_its_code(start):
    first = start()
    first.create(
        pod_restartPolicy="Never",
        **shell("trap 'exit 5' TERM; echo armed; while :; do sleep 0.1; done"),
    )
    await until(lambda: "armed" in first.log(), "its trap")
    pid = first.main_pid()
    await first.vanish()
    second = start()
    os.kill(pid, signal.SIGTERM)
    await until(lambda: "terminated" in second.state_of(), "terminated")
    assert second.state_of()["terminated"]["exitCode"] == 5
    assert second.pod()["status"]["phase"] == "Failed"


async def test_an_adopted_container_is_restarted_by_its_policy(start):
    first = start()
    first.create()
    await until(first.ready, "ready")
    await first.vanish()
    second = start()
    os.kill(second.main_pid(), signal.SIGKILL)
    await until(lambda: second.restarts() == 1 and second.ready(), "a restart")


async def test_pod_whose_process_ended_meanwhile_has_its_exit_code(start):
    first = start()
    first.create("jupyter-a")
    first.create("jupyter-b", **shell("trap 'exit 0' TERM; while :; do sleep 0.1; done"))
    await until(lambda: first.ready("jupyter-a") and first.ready("jupyter-b"), "ready")
    lost, ended = first.main_pid("jupyter-a"), first.main_pid("jupyter-b")
    shells = [pod.containers[0].process.shell for pod in first.kubelet.pods.values()]
    await first.vanish()
    os.kill(shells[0], signal.SIGKILL)  # nobody records the exit code of the first
    os.kill(lost, signal.SIGKILL)
    os.kill(ended, signal.SIGTERM)
    await until(lambda: not alive(lost) and not alive(ended), "their end")

    second = start()
    await until(lambda: "terminated" in second.state_of("jupyter-a"), "terminated")
    assert second.state_of("jupyter-a")["terminated"]["reason"] == "ContainerStatusUnknown"
    assert second.state_of("jupyter-a")["terminated"]["exitCode"] == 137
    assert second.pod("jupyter-a")["status"]["phase"] == "Failed"
    assert second.pod("jupyter-b")["status"]["phase"] == "Succeeded"
    assert second.state_of("jupyter-b")["terminated"]["exitCode"] == 0


async def test_reused_process_id_is_not_adopted(start):
    first = start()
    first.create()
    await until(first.ready, "ready")
    (pod,) = first.kubelet.pods.values()
    process = pod.containers[0].process
    record = process.record() | {"shell": os.getpid()}
    stranger = processes.recalled(pod.uid, "notebook", process.folder, record)
    assert process.alive()
    assert not stranger.alive()


async def test_a_pod_that_had_not_started_starts_with_the_next_kubelet(start):
    first = start()
    env = [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "late", "key": "key"}}}]
    first.create(env=env)
    await until(lambda: "waiting" in first.state_of() and "Failed" in first.events(), "waiting")
    await first.vanish()
    second = start()
    second.store.create(SECRETS, NS, {"metadata": {"name": "late"}, "data": {"key": "eA=="}})
    await until(second.ready, "ready")


async def test_nothing_is_left_after_all_pods_were_stopped(start):
    first = start()
    for name in ("jupyter-a", "jupyter-b"):
        first.create(name)
    await until(lambda: first.ready("jupyter-a") and first.ready("jupyter-b"), "ready")
    pids = [first.main_pid(name) for name in ("jupyter-a", "jupyter-b")]
    await first.close()
    assert not any(map(alive, pids))
    assert first.store.list(PODS)[0] == []
    assert not list(first.state.pods.iterdir())
    second = start()
    assert second.store.list(PODS)[0] == []
