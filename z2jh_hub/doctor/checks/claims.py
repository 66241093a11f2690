"""Explain why claims have no volume."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...config.ownership import owner_of
from ..commands import kubectl, listed
from ..findings import Finding
from ..snapshot import Object, Snapshot, name_of, pod_spec, spec_of, status_of

DEFAULT_CLASS = ("storageclass.kubernetes.io/is-default-class",
                 "storageclass.beta.kubernetes.io/is-default-class")  # fmt: skip
# seconds in which a provisioner should have created a volume
PROVISIONING = 120.0

_CONSEQUENCE = {
    True: "The hub does not start, so nobody can log in.",
    False: "The servers that mount these homes do not start.",
}
# id: message and fix, in which `{cls}` is the storage class and `{key}` the value that names it
_TEXTS = {
    "no-default-storage-class": (
        "the claim names no storage class, and the cluster has no default one",
        "Set {key} to a class of `kubectl get storageclasses`, or make one the default: kubectl "
        "annotate storageclass NAME storageclass.kubernetes.io/is-default-class=true",
    ),
    "storage-class-missing": (
        "the storage class {cls!r} does not exist",
        "Set {key} to a class of `kubectl get storageclasses`. Then delete the claim, which keeps "
        "the wrong class.",
    ),
    "claim-not-provisioned": (
        "no volume could be created for the claim",
        "Check the provisioner of the storage class {cls!r} and the cloud provider's quota: "
        "{describe}",
    ),
    "claim-pending": (
        "the claim has had no volume for more than two minutes",
        "Check that the provisioner of the storage class {cls!r} runs: {describe}",
    ),
    "claim-lost": (
        "the volume of the claim no longer exists",
        "Restore the volume from a backup, or delete the claim to start with an empty one.",
    ),
}


def findings(snapshot: Snapshot) -> Iterator[Finding]:
    problems: dict[tuple[str, str, bool], list[Object]] = {}
    for claim in snapshot.of("claims"):
        if (problem := problem_of(snapshot, claim)) and _concerns_us(snapshot, claim):
            key = (problem, storage_class(claim) or "", _is_hubs(claim))
            problems.setdefault(key, []).append(claim)
    for (problem, cls, is_hubs), claims in problems.items():
        yield _finding(snapshot, problem, cls, is_hubs, claims)
    yield from _missing(snapshot)


def problem_of(snapshot: Snapshot, claim: Object) -> str | None:
    """Return the id of the finding about a claim, or None if it is bound or may wait."""
    phase = status_of(claim).get("phase")
    if phase == "Lost":
        return "claim-lost"
    if phase != "Pending" or "deletionTimestamp" in claim["metadata"]:
        return None
    events = snapshot.events("PersistentVolumeClaim", name_of(claim))
    last = events[-1] if events else {}
    reason, message = last.get("reason") or "", last.get("message") or ""
    if problem := _class_problem(snapshot, claim, reason, message):
        return problem
    if reason == "ProvisioningFailed":
        return "claim-not-provisioned"
    if reason == "WaitForFirstConsumer" or _waits_for_consumer(snapshot, claim):
        return None  # it is created with the first pod that mounts it
    return "claim-pending" if snapshot.age(claim) > PROVISIONING else None


def _class_problem(snapshot: Snapshot, claim: Object, reason: str, message: str) -> str | None:
    """Return the problem with the storage class of a claim that has no volume."""
    cls = storage_class(claim)
    if spec_of(claim).get("volumeName") or spec_of(claim).get("selector"):
        return None  # a volume that an administrator creates
    if cls is None:
        if snapshot.knows("storageclasses"):
            missing = not any(map(_is_default, snapshot.of("storageclasses")))
        else:
            missing = reason == "FailedBinding" and "no storage class is set" in message
        return "no-default-storage-class" if missing else None
    if not cls:
        return None  # static volumes only
    if snapshot.knows("storageclasses") and not snapshot.named("storageclasses", cls):
        return None if _has_volume_without_class(reason) else "storage-class-missing"
    says_so = reason == "ProvisioningFailed" and "not found" in message and cls in message
    return "storage-class-missing" if says_so else None


def _has_volume_without_class(reason: str) -> bool:
    """Return whether a claim may wait for a static volume of a class that exists in name only."""
    return reason == "FailedBinding"


def storage_class(claim: Object) -> str | None:
    """Return the storage class of a claim; None if it names none."""
    cls = spec_of(claim).get("storageClassName")
    return None if cls is None else str(cls)


def _is_default(cls: Object) -> bool:
    annotations: Mapping[str, str] = cls["metadata"].get("annotations") or {}
    return any(annotations.get(name) == "true" for name in DEFAULT_CLASS)


def _waits_for_consumer(snapshot: Snapshot, claim: Object) -> bool:
    cls = snapshot.named("storageclasses", storage_class(claim) or "")
    return bool(cls) and (cls or {}).get("volumeBindingMode") == "WaitForFirstConsumer"


def _is_hubs(claim: Object) -> bool:
    return not owner_of(claim["metadata"]) and name_of(claim).endswith("hub-db-dir")


def _concerns_us(snapshot: Snapshot, claim: Object) -> bool:
    """Return whether the hub or a user's server mounts a claim."""
    return bool(owner_of(claim["metadata"])) or name_of(claim) in _of_workloads(snapshot)


def _of_workloads(snapshot: Snapshot) -> dict[str, str]:
    """Return {claim: Deployment} of the claims that the hub mounts."""
    return {
        source["claimName"]: f"Deployment/{name_of(hub)}"
        for hub in snapshot.component("deployments", "hub")
        for volume in pod_spec(hub).get("volumes") or ()
        if (source := volume.get("persistentVolumeClaim"))
    }


def _finding(
    snapshot: Snapshot, problem: str, cls: str, is_hubs: bool, claims: list[Object]
) -> Finding:
    message, fix = _TEXTS[problem]
    name = name_of(claims[0])
    key = "hub.db.pvc.storageClassName" if is_hubs else "singleuser.storage.dynamic.storageClass"
    describe = kubectl(snapshot, "describe", "pvc", name)
    events = snapshot.events("PersistentVolumeClaim", name)
    evidence = [f"{last.get('reason')}: {last.get('message')}" for last in events[-1:]]
    if len(claims) > 1:
        evidence.append(f"{len(claims)} claims: {listed([name_of(claim) for claim in claims])}")
    return Finding(
        problem,
        "error",
        f"PersistentVolumeClaim/{name}",
        message.format(cls=cls),
        _CONSEQUENCE[is_hubs],
        fix.format(cls=cls, key=key, describe=describe),
        tuple(evidence),
    )


def _missing(snapshot: Snapshot) -> Iterator[Finding]:
    if not snapshot.knows("claims"):
        return
    for name, workload in _of_workloads(snapshot).items():
        if not snapshot.named("claims", name):
            yield Finding(
                "claim-missing",
                "error",
                f"PersistentVolumeClaim/{name}",
                f"{workload} mounts this claim, which does not exist",
                "The hub does not start, so nobody can log in.",
                "Run helm upgrade to create it empty, or restore it from a backup.",
            )


def explains(snapshot: Snapshot, pod: Object) -> bool:
    """Return whether a pod waits for a claim about which there is a finding."""
    for volume in spec_of(pod).get("volumes") or ():
        if source := volume.get("persistentVolumeClaim"):
            claim = snapshot.named("claims", source["claimName"])
            if claim and problem_of(snapshot, claim):
                return True
            if claim is None and snapshot.knows("claims"):
                return True
    return False
