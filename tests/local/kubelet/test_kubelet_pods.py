"""Pods run as processes, and their status is accurate."""

from __future__ import annotations

import os
import signal
import sys
import urllib.request

import pytest
from kubelet_support import NS, alive, until

from z2jh_hub.local.objects.resources import CONFIG_MAPS, PODS, SECRETS

FOREVER = "import sys, time\nsys.stdout.flush()\nwhile True: time.sleep(60)"


def get(url: str) -> int:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.status


def shell(script: str) -> dict:
    """Return a container that runs a shell script and has no port."""
    return {"image": "plain", "command": ["/bin/sh", "-c", script], "ports": []}


def python(script: str) -> dict:
    return {"image": "plain", "command": [sys.executable, "-c", script], "ports": []}


async def test_pod_becomes_ready_on_its_own_address(cluster):
    cluster.create("jupyter-a")
    cluster.create("jupyter-b")
    await until(lambda: cluster.ready("jupyter-a") and cluster.ready("jupyter-b"), "ready")
    first, second = (cluster.pod(name)["status"] for name in ("jupyter-a", "jupyter-b"))
    assert len({first["podIP"], second["podIP"], "127.0.0.1"}) == 3
    assert first["phase"] == "Running"
    assert first["containerStatuses"][0]["ready"] is True
    assert "running" in first["containerStatuses"][0]["state"]
    assert get(f"http://{first['podIP']}:8888/") == 200
    assert get(f"http://{second['podIP']}:8888/") == 200
    assert {"Scheduled", "Pulled", "Created", "Started"} <= set(cluster.events())


async def test_a_pod_that_does_not_answer_is_not_ready(cluster):
    cluster.create(image="plain", command=[sys.executable, "-c", FOREVER])
    await until(lambda: "running" in cluster.state_of(), "running")
    assert not cluster.ready()
    assert cluster.pod()["status"]["containerStatuses"][0]["ready"] is False


async def test_readiness_probe_decides_when_a_pod_is_ready(cluster):
    look = {"path": "/no-such-file", "port": "notebook-port"}
    probe = {"httpGet": look, "failureThreshold": 1, "periodSeconds": 1}
    cluster.create(readinessProbe=probe)
    await until(lambda: "Unhealthy" in cluster.events(), "Unhealthy")
    assert "404" in cluster.events()["Unhealthy"]
    assert not cluster.ready()


async def test_pods_share_an_address_if_there_is_only_one(start):
    cluster = start(single=True)
    cluster.create("jupyter-a")
    cluster.create("jupyter-b")
    await until(lambda: cluster.ready("jupyter-a") and cluster.ready("jupyter-b"), "ready")
    ports = [
        cluster.pod(name)["spec"]["containers"][0]["ports"][0]["containerPort"]
        for name in ("jupyter-a", "jupyter-b")
    ]
    assert ports[0] != ports[1]
    assert 8888 not in ports
    assert [cluster.pod(n)["status"]["podIP"] for n in ("jupyter-a", "jupyter-b")] == [
        "127.0.0.1",
        "127.0.0.1",
    ]
    assert get(f"http://127.0.0.1:{ports[0]}/") == 200


async def test_a_delete_ends_the_process_with_sigterm_and_then_the_pod(cluster):
    cluster.create(**shell("trap 'echo asked to stop; exit 0' TERM; while :; do sleep 0.1; done"))
    await until(lambda: "running" in cluster.state_of(), "running")
    pid = cluster.main_pid()
    uid = cluster.pod()["metadata"]["uid"]
    cluster.store.delete(PODS, NS, "jupyter-a", grace_seconds=10)
    assert cluster.pod()["metadata"]["deletionTimestamp"]
    await until(lambda: cluster.pod() is None, "gone")
    assert not alive(pid)
    assert "Killing" in cluster.events()
    last_log = cluster.state.last_logs / f"{NS}_jupyter-a" / "notebook.log"
    assert "asked to stop" in last_log.read_text()
    assert not (cluster.state.pods / uid).exists()


async def test_a_process_that_ignores_sigterm_is_killed_after_its_grace(cluster):
    cluster.create(**shell("trap '' TERM; while :; do sleep 0.1; done"))
    await until(lambda: "running" in cluster.state_of(), "running")
    pid = cluster.main_pid()
    cluster.store.delete(PODS, NS, "jupyter-a", grace_seconds=1)
    await until(lambda: cluster.pod() is None, "gone")
    assert not alive(pid)


async def test_child_in_another_session_does_not_outlive_the_pod(cluster, tmp_path):
    note = tmp_path / "child"
    script = f"""
import os, time, pathlib
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    pathlib.Path({str(note)!r}).write_text(str(os.getpid()))
{FOREVER}
"""
    cluster.create(**python(script))
    child = int(await until(lambda: note.exists() and note.read_text(), "the child's note"))
    assert os.getsid(child) != os.getsid(cluster.main_pid())
    cluster.store.delete(PODS, NS, "jupyter-a", grace_seconds=0)
    await until(lambda: not alive(child), "the child's end")


async def test_children_end_with_the_main_process(cluster, tmp_path):
    note = tmp_path / "child"
    cluster.create(
        pod_restartPolicy="Never", **shell(f"setsid sleep 600 & echo $! >{note}; sleep 0.2; exit 3")
    )
    await until(lambda: "terminated" in cluster.state_of(), "terminated")
    assert not alive(int(note.read_text()))
    assert cluster.pod()["status"]["phase"] == "Failed"
    assert cluster.state_of()["terminated"]["exitCode"] == 3


async def test_successful_container_is_not_restarted(cluster):
    cluster.create(**shell("exit 0"))
    await until(lambda: cluster.pod()["status"]["phase"] == "Succeeded", "Succeeded")
    assert cluster.state_of()["terminated"]["reason"] == "Completed"
    assert cluster.pod()["status"]["containerStatuses"][0]["restartCount"] == 0


async def test_failed_container_is_restarted_with_backoff(cluster):
    cluster.create(**shell("echo once more; exit 7"))
    await until(lambda: "BackOff" in cluster.events(), "BackOff")
    waiting = await until(lambda: cluster.state_of().get("waiting"), "waiting")
    assert waiting["reason"] == "CrashLoopBackOff"
    status = cluster.pod()["status"]
    assert status["phase"] == "Running"
    assert status["containerStatuses"][0]["lastState"]["terminated"]["exitCode"] == 7
    assert status["containerStatuses"][0]["restartCount"] >= 1


@pytest.mark.parametrize(
    ("policy", "code", "message"),
    [("FallbackToLogsOnError", 1, "the disk is full\n"), ("FallbackToLogsOnError", 0, None),
     ("File", 1, None)],
)  # fmt: skip
async def test_last_output_is_the_termination_message_if_configured(cluster, policy, code, message):
    script = f"echo the disk is full; exit {code}"
    cluster.create(pod_restartPolicy="Never", terminationMessagePolicy=policy, **shell(script))
    state = await until(lambda: cluster.state_of().get("terminated"), "terminated")
    assert state.get("message") == message


async def test_a_signal_is_an_exit_code(cluster):
    cluster.create(pod_restartPolicy="Never", **shell("sleep 600"))
    await until(lambda: "running" in cluster.state_of(), "running")
    os.kill(cluster.main_pid(), signal.SIGKILL)
    await until(lambda: "terminated" in cluster.state_of(), "terminated")
    assert cluster.state_of()["terminated"]["exitCode"] == 137


async def test_missing_program_is_a_start_error(cluster):
    cluster.create(pod_restartPolicy="Never", image="plain", command=["no-such-program"], ports=[])
    state = await until(lambda: cluster.state_of().get("terminated"), "terminated")
    assert state["reason"] == "StartError"
    assert state["exitCode"] == 128
    assert '"no-such-program": executable file not found' in cluster.events()["Failed"]


async def test_the_environment_is_the_pods_and_not_the_parents(cluster, monkeypatch):
    monkeypatch.setenv("PARENT_SECRET", "do not tell")
    cluster.store.create(
        SECRETS, NS, {"metadata": {"name": "token"}, "data": {"key": "czNjcmV0"}, "type": "Opaque"}
    )
    cluster.store.create(
        CONFIG_MAPS, NS, {"metadata": {"name": "settings"}, "data": {"COLOUR": "blue"}}
    )
    env = [
        {"name": "PLAIN", "value": "one"},
        {"name": "EXPANDED", "value": "$(PLAIN) $(UNKNOWN) $$(PLAIN)"},
        {"name": "FROM_SECRET", "valueFrom": {"secretKeyRef": {"name": "token", "key": "key"}}},
        {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "MEM", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory"}}},
        {"name": "with.dots", "value": "kept"},
        {"name": "JUPYTERHUB_SERVICE_URL", "value": "http://0.0.0.0:8888/user/a/"},
    ]
    cluster.create(
        env=env,
        envFrom=[{"configMapRef": {"name": "settings"}, "prefix": "MY_"}],
        resources={"limits": {"memory": "1Gi"}},
        **python(f"import os\nfor each in os.environ.items(): print(*each, sep='=')\n{FOREVER}"),
    )
    await until(lambda: "MY_COLOUR" in cluster.log(), "output")
    ip = cluster.pod()["status"]["podIP"]
    variables = dict(line.split("=", 1) for line in cluster.log().splitlines() if "=" in line)
    assert variables["EXPANDED"] == "one $(UNKNOWN) $(PLAIN)"
    assert variables["FROM_SECRET"] == "s3cret"
    assert (variables["NODE"], variables["IP"], variables["MEM"]) == ("local", ip, str(2**30))
    assert variables["with.dots"] == "kept"
    assert variables["MY_COLOUR"] == "blue"
    assert variables["JUPYTERHUB_SERVICE_URL"] == f"http://{ip}:8888/user/a/"
    assert variables["HOSTNAME"] == "jupyter-a"
    assert "PARENT_SECRET" not in variables


async def test_a_secret_that_is_missing_is_waited_for(cluster):
    env = [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "late", "key": "key"}}}]
    cluster.create(env=env)
    waiting = await until(lambda: cluster.state_of().get("waiting"), "waiting")
    await until(lambda: "Failed" in cluster.events(), "Failed")
    waiting = cluster.state_of()["waiting"]
    assert waiting["reason"] == "CreateContainerConfigError"
    assert 'secret "late" not found' in waiting["message"]
    cluster.store.create(SECRETS, NS, {"metadata": {"name": "late"}, "data": {"key": "eA=="}})
    await until(cluster.ready, "ready")


async def test_privileged_init_container_is_skipped_with_an_event(cluster):
    blocker = {
        "name": "block-metadata",
        "image": "network-tools",
        "command": ["iptables"],
        "securityContext": {"privileged": True, "capabilities": {"add": ["NET_ADMIN"]}},
    }
    unknown = {"name": "unknown", "image": "no-rule-for-this", "command": ["true"]}
    cluster.create(pod_initContainers=[blocker, unknown])
    await until(cluster.ready, "ready")
    messages = cluster.messages("ContainerSkipped")
    assert any("block-metadata" in text and "it is privileged" in text for text in messages)
    assert any("unknown" in text and "custom.dev.images" in text for text in messages)


async def test_init_containers_run_first_and_their_failure_fails_the_pod(cluster, tmp_path):
    trace = tmp_path / "trace"
    first = {"name": "first", **shell(f"echo first >>{trace}")}
    second = {"name": "second", **shell(f"echo second >>{trace}")}
    cluster.create(
        "jupyter-a", pod_initContainers=[first, second], **shell(f"echo main >>{trace}; sleep 600")
    )
    await until(lambda: trace.exists() and "main" in trace.read_text(), "main")
    assert trace.read_text().split() == ["first", "second", "main"]
    bad = {"name": "bad", **shell("exit 4")}
    cluster.create("jupyter-b", pod_initContainers=[bad], pod_restartPolicy="Never")
    await until(lambda: cluster.pod("jupyter-b")["status"]["phase"] == "Failed", "Failed")
    status = cluster.pod("jupyter-b")["status"]
    assert status["initContainerStatuses"][0]["state"]["terminated"]["exitCode"] == 4


async def test_an_extra_container_without_a_rule_does_not_keep_the_pod_from_being_ready(cluster):
    cluster.create(
        pod_containers=[
            {"name": "sidecar", "image": "no-rule"},
            {"name": "beside", **shell("sleep 600")},
        ]
    )
    await until(cluster.ready, "ready")
    names = [each["name"] for each in cluster.pod()["status"]["containerStatuses"]]
    assert names == ["notebook", "beside"]
    assert "sidecar" in cluster.events()["ContainerSkipped"]
