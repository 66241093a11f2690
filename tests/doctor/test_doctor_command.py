"""`z2jh doctor` with an API: output, exit codes, permissions, and hostile objects."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from doctor.served import Served
from doctor.worlds import NAMESPACE, RELEASE, World, fails, healthy
from support.kubeconfigs import NOWHERE

from z2jh_hub.cli import main
from z2jh_hub.doctor.gather import KINDS
from z2jh_hub.local.objects.resources import PODS

PLAIN = {"proxy": {"https": {"enabled": False}}}
TOKEN = "deadbeef" * 8  # the proxy's


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    with Served(tmp_path) as served:
        monkeypatch.setenv("KUBECONFIG", str(served.kubeconfig))
        monkeypatch.setattr("z2jh_hub.chores.kubernetes.FIRST_PAUSE", 0.001)
        yield served


def doctor(*words: str) -> Result:
    return CliRunner().invoke(main, ["doctor", *words])


def world() -> World:
    """Return a healthy release whose Secret contains a token."""
    world = healthy(PLAIN)
    content = {"hub.config.ConfigurableHTTPProxy.auth_token": base64.b64encode(TOKEN.encode())}
    world.get("secrets", "hub")["data"] = {key: value.decode() for key, value in content.items()}
    return world


def test_healthy_release_has_no_problems(served: Served) -> None:
    served.hold(world())
    result = doctor()
    assert result.exit_code == 0, result.output
    assert "No problems found." in result.output
    assert "release:     my-hub in the namespace hub" in result.output
    assert "servers:     2 ready, 0 starting" in result.output
    room = r"room: +15 more servers \(953.7 MiB of memory each\) on 1 of 1 nodes"
    assert re.search(room, result.output), result.output
    assert "Not examined" not in result.output


@pytest.mark.parametrize("name", ["Hub_X", "a b", "x" * 64, "../../version", ""])
def test_name_that_no_namespace_has_is_refused(name: str) -> None:
    result = doctor("--namespace", name)
    assert result.exit_code == 2
    assert "the name of a namespace is at most 63 lower-case letters" in result.output


def test_only_get_requests_are_sent_and_no_contents_of_secrets_are_read(served: Served) -> None:
    served.hold(world())
    result = doctor("--format", "json")
    assert json.loads(result.stdout)["findings"] == []
    assert served.calls
    assert {call.partition(" ")[0] for call in served.calls} == {"GET"}
    assert not any("/secrets/" in call for call in served.calls)


def test_error_exits_1_with_evidence_and_a_fix(served: Served) -> None:
    broken = world()
    broken.get("services", "proxy-public")["status"] = {}
    served.hold(broken)
    # a load balancer may take minutes
    assert json.loads(doctor("--format", "json").stdout)["findings"] == []
    pod = broken.pod("proxy")
    fails(pod, waiting="ErrImagePull", message="pull: manifest unknown")
    changed = {**served.store.get(PODS, NAMESPACE, "proxy-0"), "status": pod["status"]}
    served.store.update(PODS, NAMESPACE, "proxy-0", changed, subresource="status")
    result = doctor()
    assert result.exit_code == 1, result.output
    assert "error[image-not-pulled]: Pod/proxy-0: proxy: the image, or its tag" in result.output
    assert "= evidence: ErrImagePull: pull: manifest unknown" in result.output
    assert "= consequence: Nobody can reach the hub or a server." in result.output
    assert "= fix: Correct proxy.chp.image" in result.output
    assert "1 error. Each finding is described in docs/doctor.md." in result.output


def test_log_of_a_crashed_hub_is_quoted_without_secrets(served: Served) -> None:
    broken = world()
    fails(broken.pod("hub"), waiting="CrashLoopBackOff", message="back-off", restartCount=3)
    served.log = (
        b"Traceback\nCONFIGPROXY_AUTH_TOKEN=" + TOKEN.encode() + b"\n"
        b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0c2VjcmV0\n-----END PRIVATE KEY-----\n"
        b"postgresql://hub:hunter2hunter2@db/hub\n\x1b[31mValueError: no\x1b[0m\n"
    )
    served.hold(broken)
    result = doctor()
    assert result.exit_code == 1
    assert "pod-crashes" in result.output
    assert "ValueError: no" in result.output
    assert "\x1b" not in result.output
    for secret in (TOKEN, "c2VjcmV0", "hunter2"):
        assert secret not in result.output


def test_hostile_messages_and_names_are_not_printed_raw(served: Served) -> None:
    broken = world()
    evil = "\x1b]0;owned\x07\u202e reversed\r\n\x9b31m fake line"
    broken.event("Pod", "jupyter-eve", "Failed", f"Failed to pull image: {evil}")
    served.hold(broken)
    for words in ((), ("--format", "json")):
        output = doctor(*words).stdout
        assert "fake line" in output
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", output)


@pytest.mark.parametrize("kind", KINDS)
def test_kind_without_permission_is_reported_as_not_examined(served: Served, kind: str) -> None:
    served.hold(world())
    plural = KINDS[kind].plural
    namespace = {"allpods": "", "pods": NAMESPACE}.get(kind, "*")
    served.faults.refuse("list", plural, namespace=namespace, status=403)
    result = doctor("--release", RELEASE)
    if kind == "routes":  # the embedded API has no such kind, like a cluster without Gateway API
        assert "Not examined" not in result.output
        return
    assert "Not examined:" in result.output
    assert f"no permission to read {plural}" in result.output
    assert result.exit_code == 0, result.output


def test_without_any_permission_everything_is_listed(served: Served) -> None:
    served.hold(world())
    served.faults.refuse(status=403)
    result = doctor("--release", RELEASE)
    assert result.exit_code == 0, result.output
    unread = json.loads(doctor("--release", RELEASE, "--format", "json").stdout)["unread"]
    assert len(unread) >= len(KINDS) - 2
    assert all("no permission" in each["reason"] for each in unread)
    refused = doctor()
    assert refused.exit_code == 2
    assert "no permission to list deployments" in refused.output


def test_in_the_hubs_pod_the_release_is_known(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.hold(world())
    served.faults.refuse("list", "deployments", status=403)
    monkeypatch.setenv("HELM_RELEASE_NAME", RELEASE)
    result = doctor()
    assert "release:     my-hub in the namespace hub" in result.output
    assert doctor("--namespace", NAMESPACE).exit_code == 2


def test_unreachable_cluster_exits_2_with_one_readable_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(NOWHERE)
    monkeypatch.setenv("KUBECONFIG", str(file))
    monkeypatch.setattr("z2jh_hub.chores.kubernetes.FIRST_PAUSE", 0.001)
    result = doctor()
    assert result.exit_code == 2
    assert "z2jh doctor: Kubernetes at http://127.0.0.1:1 does not answer" in result.output
    assert "Traceback" not in result.output
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nothing"))
    assert doctor().exit_code == 2


def test_refused_credentials_exit_2(served: Served) -> None:
    served.kubeconfig.write_text(served.kubeconfig.read_text().replace(served.token, "wrong"))
    result = doctor()
    assert (result.exit_code, "401 Unauthorized" in result.output) == (2, True), result.output


def test_namespace_without_a_release_names_the_others(served: Served) -> None:
    served.hold(world())
    result = doctor("--namespace", "default")
    assert result.exit_code == 2
    assert "no release of JupyterHub in the namespace default" in result.output
    assert "use --namespace with one of: hub" in result.output
    served.faults.refuse("list", "deployments", namespace="", status=403)
    assert "no permission to look in all of them" in doctor("-n", "default").output


def test_two_releases_need_a_name(served: Served) -> None:
    both = world()
    other = json.loads(json.dumps(both.get("deployments", "hub")))
    other["metadata"]["name"] = "b-hub"
    other["metadata"]["labels"]["release"] = "b"
    both.objects["deployments"].append(other)
    served.hold(both)
    result = doctor()
    assert result.exit_code == 2
    assert "has several releases; use --release with one of: b, my-hub" in result.output
    assert doctor("--release", RELEASE).exit_code == 0
    unknown = doctor("--release", "c")
    assert "has no release 'c'; use --release with one of: b, my-hub" in unknown.output


def test_500_servers_need_few_requests(served: Served) -> None:
    crowd = world()
    for number in range(500):
        crowd.user(f"u{number}")
    node = crowd.objects["nodes"][0]["status"]["allocatable"]
    node |= {"pods": "1000", "memory": "2000Gi"}
    served.hold(crowd)
    result = doctor()
    assert result.exit_code == 0, result.output
    assert "servers:     502 ready" in result.output
    pods = [call for call in served.calls if call.endswith("/pods")]
    assert len(pods) == 4  # two pages of the namespace, and two of all namespaces
    assert len(served.calls) < 30
