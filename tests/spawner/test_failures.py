"""Causes are recognised in what Kubernetes says; words are checked and can be changed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from z2jh_hub.config.sections.hub_failures import problems
from z2jh_hub.config.values import Values
from z2jh_hub.failures import PLACES, Fact, facts_of, find
from z2jh_hub.failures.catalogue import CATALOGUE
from z2jh_hub.failures.custom import catalogue


def pod(*, init: Any = None, phase: str = "Pending", reason: str = "", **state: Any) -> Any:
    """A pod whose main container is in a state, or whose scheduling failed."""
    status: dict[str, Any] = {"phase": phase} | ({"reason": reason} if reason else {})
    if "unscheduled" in state:
        condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
        status["conditions"] = [condition | {"message": state.pop("unscheduled")}]
    last = state.pop("last", {})
    if state:
        status["containerStatuses"] = [{"name": "notebook", "state": state, "lastState": last}]
    if init:
        status["initContainerStatuses"] = [{"name": "i", **init}]
    return {"status": status}


def event(reason: str, message: str = "") -> dict[str, str]:
    return {"reason": reason, "message": message}


def waiting(reason: str, message: str = "") -> dict[str, str]:
    return {"reason": reason, "message": message}


def ended(reason: str, code: int = 1, message: str = "") -> dict[str, Any]:
    return {"reason": reason, "exitCode": code, "message": message}


NODES = "0/3 nodes are available: "
NO_PREEMPTION = "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
SEEN: dict[str, list[Fact]] = {
    # messages of real clusters, by the cause that must be found for them
    "image-missing": facts_of(
        pod(
            waiting=waiting(
                "ErrImagePull",
                'failed to pull and unpack image "docker.io/x/y:1": failed to resolve reference '
                '"docker.io/x/y:1": docker.io/x/y:1: not found',
            )
        ),
        [],
    ),
    "image-refused": facts_of(
        pod(waiting=waiting("ImagePullBackOff", 'Back-off pulling image "x"')),
        [
            event("Pulling", 'Pulling image "x"'),
            event("Failed", 'Failed to pull image "x": pull access denied, repository ...'),
            event("Failed", "Error: ErrImagePull"),
        ],
    ),
    "image-wrong-architecture": facts_of(
        pod(waiting=waiting("ErrImagePull", "no match for platform in manifest: not found")), []
    ),
    "image-rate-limited": facts_of(
        pod(waiting=waiting("ErrImagePull", "toomanyrequests: You have reached your limit")), []
    ),
    "image-invalid-name": facts_of(
        pod(waiting=waiting("InvalidImageName", "couldn't parse image name")), []
    ),
    "registry-not-found": facts_of(
        pod(
            waiting=waiting(
                "ErrImagePull",
                'failed to do request: Head "https://registry.invalid/v2/x/manifests/1": dial tcp: '
                "lookup registry.invalid on 10.96.0.10:53: no such host",
            )
        ),
        [],
    ),
    "registry-unreachable": facts_of(
        pod(waiting=waiting("ImagePullBackOff", "dial tcp: i/o timeout")), []
    ),
    "image-unpullable": facts_of(
        pod(waiting=waiting("ErrImagePull", "unexpected status from HEAD request: 500")), []
    ),
    "storage-class-missing": [
        Fact("home", "ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found')
    ],
    "no-cpu": facts_of(pod(unscheduled=NODES + "3 Insufficient cpu. preemption: ..."), []),
    "no-memory": facts_of(
        pod(unscheduled=NODES + "1 node(s) had untolerated taint {a: b}, 2 Insufficient memory."),
        [],
    ),
    "no-gpu": facts_of(pod(unscheduled=NODES + "3 Insufficient nvidia.com/gpu."), []),
    "tainted-nodes": facts_of(pod(unscheduled=NODES + "3 node(s) had untolerated taint {a}."), []),
    "no-matching-node": facts_of(
        pod(unscheduled=NODES + "3 node(s) didn't match Pod's node affinity/selector."), []
    ),
    "home-pending": facts_of(
        pod(unscheduled=NODES + "pod has unbound immediate PersistentVolumeClaims."), []
    ),
    "home-missing": facts_of(
        pod(unscheduled=NODES + 'persistentvolumeclaim "claim-a" not found.'), []
    ),
    "home-elsewhere": facts_of(
        pod(unscheduled=NODES + "3 node(s) had volume node affinity conflict."), []
    ),
    "unschedulable": facts_of(pod(unscheduled="something new"), []),
    "no-such-device": facts_of(
        pod(unscheduled=NODES + "3 Insufficient nvidia.com/gpu. " + NO_PREEMPTION), []
    ),
    "request-too-large": facts_of(
        pod(
            unscheduled=NODES + "1 Insufficient cpu, 1 node(s) didn't match Pod's node "
            "affinity/selector, 1 node(s) had untolerated taint {node-role.kubernetes.io/"
            "control-plane: }. no new claims to deallocate, " + NO_PREEMPTION
        ),
        [event("NotTriggerScaleUp", "pod didn't trigger scale-up: 1 Insufficient cpu")],
    ),
    "scaling-up": facts_of(
        pod(unscheduled=NODES + "3 Insufficient cpu."),
        [event("NotTriggerScaleUp"), event("TriggeredScaleUp", "pod triggered scale-up")],
    ),
    "scale-up-refused": facts_of(
        pod(unscheduled=NODES + "3 Insufficient cpu."),
        [event("TriggeredScaleUp"), event("NotTriggerScaleUp", "max node group size reached")],
    ),
    "home-attached-elsewhere": facts_of(
        pod(waiting=waiting("ContainerCreating")),
        [event("Scheduled"), event("FailedAttachVolume", "Multi-Attach error for volume")],
    ),
    "home-not-mounted": facts_of(
        pod(waiting=waiting("ContainerCreating")),
        [event("FailedMount", "MountVolume.SetUp failed: mount.nfs: Connection timed out")],
    ),
    "config-missing": facts_of(
        pod(waiting=waiting("CreateContainerConfigError", 'secret "x" not found')), []
    ),
    "home-full": facts_of(
        pod(terminated=ended("Error", 1, "OSError: [Errno 28] No space left on device")), []
    ),
    "init-failed": facts_of(
        pod(init={"state": {"waiting": waiting("CrashLoopBackOff")}}, waiting=waiting("Pod...")),
        [],
    ),
    "out-of-memory": facts_of(
        pod(waiting=waiting("CrashLoopBackOff"), last={"terminated": ended("OOMKilled", 137)}), []
    ),
    "evicted": facts_of(pod(phase="Failed", reason="Evicted"), []),
    "post-start-failed": facts_of(
        pod(waiting=waiting("PostStartHookError", "command exited with 1")), []
    ),
    "cannot-run": facts_of(
        pod(waiting=waiting("RunContainerError", "executable file not found in $PATH")), []
    ),
    "crashed": facts_of(pod(waiting=waiting("CrashLoopBackOff")), []),
    "quota": [Fact("refused", "403", 'pods "a" is forbidden: exceeded quota: q, requested: ...')],
    "limit-range": [
        Fact("refused", "403", "maximum memory usage per Container is 1Gi, but limit is 2Gi")
    ],
    "pod-security": [Fact("refused", "403", 'violates PodSecurity "restricted:latest": ...')],
    "refused-by-policy": [Fact("refused", "403", 'admission webhook "a.b" denied the request: no')],
    "webhook-down": [Fact("refused", "500", 'failed calling webhook "a.b": timed out')],
    "hub-not-allowed": [Fact("refused", "403", 'User "x" cannot create resource "pods"')],
    "namespace-ending": [
        Fact("refused", "403", "unable to create content because it is being terminated")
    ],
    "kubernetes-unreachable": [Fact("refused", "503", "etcdserver: leader changed")],
    "invalid-pod": [Fact("refused", "422", 'Pod "x" is invalid: spec...')],
    "cluster-refused": [Fact("refused", "418", "something that nobody has seen before")],
    "home-ambiguous": [Fact("home", "Ambiguous", "claim-a, claim-b")],
    "home-of-another": [Fact("owner", "PersistentVolumeClaim", "x/claim-a belongs to user 'b'")],
    "home-of-deleted-user": [Fact("owner", "Deleted", "x/claim-a belongs to a user deleted at 1")],
    "server-of-another": [Fact("owner", "Pod", "x/jupyter-a belongs to user 'b'")],
    "home-renamed": [Fact("home", "NotMounted", "claim-a")],
    "no-home-to-rescue": [Fact("home", "None", "no claim of the user ada")],
    "home-unknown": [Fact("home", "Unmounted", "nothing is mounted at /home/jovyan")],
    "sandbox-failed": facts_of(
        pod(waiting=waiting("ContainerCreating")),
        [event("Scheduled"), event("FailedCreatePodSandBox", "failed to assign an IP address")],
    ),
    "still-pulling": [Fact("timeout", "Pulling", 'Pulling image "x"')],
    "no-answer": [Fact("timeout", "NoAnswer", "nothing listens at http://10.0.0.1:8888")],
    "start-timeout": [Fact("timeout", "", "")],
}


FATAL = "[FATAL tini (7)] exec /no-such-program failed: No such file or directory"
TINY = "runc create failed: container init was OOM-killed (memory limit too low?): unknown"
ALSO = [
    # other words for the same
    ("cannot-run", pod(terminated=ended("Error", 127, FATAL)), []),
    ("out-of-memory", pod(terminated=ended("Error", 137)), []),
    ("out-of-memory", pod(init={"state": {"terminated": ended("OOMKilled", 137)}}), []),
    ("out-of-memory", pod(), [event("FailedCreatePodSandBox", TINY)]),
]
# Kubernetes' answers to the hub, as a real API server gives them
ANSWERS = [
    ("config-missing", 403, 'error looking up service account x/y: serviceaccount "y" not found'),
    ("config-missing", 403, 'pods "a" is forbidden: no PriorityClass with name y was found'),
    ("config-missing", 403, 'pods "a" is forbidden: pod rejected: RuntimeClass "y" not found'),
    ("namespace-ending", 404, 'namespaces "y" not found'),
    ("hub-not-allowed", 403, "the hub cannot list pods: Forbidden"),
    ("hub-not-allowed", 401, "Unauthorized"),
]


@pytest.mark.parametrize(("cause", "status", "message"), ANSWERS)
def test_a_cause_is_recognised_in_kubernetes_answers(cause, status, message):
    result = find(CATALOGUE, [Fact("refused", str(status), message)])
    assert result is not None
    assert result.failure.id == cause


@pytest.mark.parametrize(("cause", "state", "events"), ALSO)
def test_a_cause_is_recognised_in_other_words_too(cause, state, events):
    result = find(CATALOGUE, facts_of(state, events))
    assert result is not None
    assert result.failure.id == cause


@pytest.mark.parametrize("cause", [failure.id for failure in CATALOGUE])
def test_each_cause_is_recognised_in_what_a_cluster_says(cause):
    if cause == "no-room":
        facts = facts_of(pod(unscheduled=NODES + "3 Too many pods."), [])
    else:
        facts = SEEN[cause]
    result = find(CATALOGUE, facts)
    assert result is not None
    assert result.failure.id == cause
    assert f"({cause})" in result.user_message()
    assert result.fact.message in result.log_message()


SMALL = "0/3 nodes are available: 1 Insufficient memory, "
HELPS = "preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, "


@pytest.mark.parametrize(
    "message",
    [
        f"{NODES}3 Insufficient memory. {HELPS}2 Preemption is not helpful for scheduling.",
        f"{NODES}3 Insufficient memory. preemption: not eligible due to preemptionPolicy=Never.",
        f"{SMALL}2 node(s) had untolerated taint {{node.kubernetes.io/unreachable: }}. "
        f"{NO_PREEMPTION}",
        f"{SMALL}2 node(s) had untolerated taint(s). {NO_PREEMPTION}",
        f"{SMALL}2 node(s) were unschedulable. {NO_PREEMPTION}",
    ],
)
def test_a_full_or_unhealthy_cluster_is_not_a_too_large_request(message: str) -> None:
    result = find(CATALOGUE, facts_of(pod(unscheduled=message), []))
    assert result is not None
    assert result.failure.id == "no-memory"


@pytest.mark.parametrize(
    ("state", "events"),
    [
        (pod(waiting=waiting("ContainerCreating")), [event("Scheduled"), event("Pulling")]),
        (pod(running={}), [event("FailedScheduling"), event("Scheduled"), event("Started")]),
        (
            pod(waiting=waiting("ContainerCreating")),
            [event("NotTriggerScaleUp"), event("TriggeredScaleUp"), event("Scheduled")],
        ),
        (
            pod(waiting=waiting("ContainerCreating")),
            [event("FailedMount", "timed out"), event("Pulling")],
        ),
        (pod(running={}, last={"terminated": ended("Error")}), []),
        (
            pod(init={"state": {"terminated": ended("Completed", 0)}}, waiting=waiting("Pod...")),
            [],
        ),
        (None, []),
    ],
    ids=["pulling", "runs", "node came", "mounted", "runs again", "prepared", "missing yet"],
)
def test_what_is_over_or_has_not_happened_is_no_failure(state, events):
    assert find(CATALOGUE, facts_of(state, events)) is None


def test_the_catalogue_is_sound():
    assert len({failure.id for failure in CATALOGUE}) == len(CATALOGUE)
    for failure in CATALOGUE:
        assert failure.user.endswith(".")
        assert failure.admin.endswith(".")
        assert bool(failure.waiting) == bool(failure.wait), failure.id
        for sign in failure.signs:
            assert sign.place in PLACES
            re.compile(sign.reason)
            re.compile(sign.message)


def test_administrators_change_words_and_add_causes():
    own = {
        "no-gpu": {"user": "Ask Ada.", "wait": 5},
        "budget": {"signs": [{"where": "refused", "message": "budget"}], "user": "No money."},
    }
    known = catalogue(own)
    gpu = find(known, SEEN["no-gpu"])
    assert (gpu.failure.user, gpu.failure.wait) == ("Ask Ada.", 5)
    assert gpu.failure.next
    result = find(known, [Fact("refused", "403", "admission webhook: over budget")])
    assert result.user_message() == "No money. (budget)"


@pytest.mark.parametrize(
    ("given", "key", "printed"),
    [
        (["x"], "hub.failures", "a mapping of causes"),
        ({"no-gpo": {"user": "x"}}, "hub.failures.no-gpo", "did you mean no-gpu?"),
        ({"no-gpu": {"usr": "x"}}, "hub.failures.no-gpu.usr", "did you mean user?"),
        ({"no-gpu": {"wait": -1}}, "hub.failures.no-gpu.wait", "at least 0"),
        ({"no-gpu": {"user": 3}}, "hub.failures.no-gpu.user", "text"),
        ({"no-gpu": {"rescue": "no"}}, "hub.failures.no-gpu.rescue", "true or false"),
        (
            {"no-gpu": {"signs": [{"where": "here", "message": "x"}]}},
            "hub.failures.no-gpu.signs.0.where",
            "one of home, owner, refused",
        ),
        (
            {"no-gpu": {"signs": [{"where": "event", "message": "(x"}]}},
            "hub.failures.no-gpu.signs.0.message",
            "invalid regular expression",
        ),
        (
            {"no-gpu": {"signs": [{"where": "event"}]}},
            "hub.failures.no-gpu.signs.0",
            "matches every failure",
        ),
    ],
)
def test_mistakes_are_reported(given, key, printed):
    (problem,) = problems(Values({"hub": {"failures": given}}))
    assert problem.key == key
    assert printed in "\n".join(problem.lines())
