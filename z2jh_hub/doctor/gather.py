"""Read what the checks need from a cluster. Only `get` and `list` are used.

Of Secrets, only metadata is read; of those with certificates, only the certificates are kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from ..chores.kubernetes import ApiError, Kubernetes
from ..masking import without_secrets
from .certificates import certificates_in
from .findings import Unread, quotable
from .snapshot import Object, Snapshot, name_of, status_of
from .tls_secrets import names_of_tls_secrets

LOG_LINES = "60"
LOG_BYTES = "65536"
# requests at the same time: enough to be quick, too few to disturb the API server
PARALLEL = 6

Result = TypeVar("Result")


@dataclass(frozen=True)
class Kind:
    """A kind of objects: its path, `{ns}` being the namespace, and what is checked with it."""

    path: str
    checks: str
    optional: bool = False  # not every cluster has this kind

    @property
    def plural(self) -> str:
        return self.path.rpartition("/")[2]


KINDS = {
    "pods": Kind("/api/v1/namespaces/{ns}/pods", "pods, images, failed starts"),
    "events": Kind("/api/v1/namespaces/{ns}/events", "failed starts, and reasons of problems"),
    "claims": Kind("/api/v1/namespaces/{ns}/persistentvolumeclaims", "claims"),
    "services": Kind("/api/v1/namespaces/{ns}/services", "the public address"),
    "quotas": Kind("/api/v1/namespaces/{ns}/resourcequotas", "quotas"),
    "endpoints": Kind(
        "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices", "endpoints of Services"
    ),
    "ingresses": Kind("/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses", "Ingresses"),
    "routes": Kind(
        "/apis/gateway.networking.k8s.io/v1/namespaces/{ns}/httproutes", "HTTPRoutes", optional=True
    ),
    "deployments": Kind("/apis/apps/v1/namespaces/{ns}/deployments", "Deployments"),
    "daemonsets": Kind("/apis/apps/v1/namespaces/{ns}/daemonsets", "image pullers"),
    "statefulsets": Kind("/apis/apps/v1/namespaces/{ns}/statefulsets", "room for more servers"),
    "jobs": Kind("/apis/batch/v1/namespaces/{ns}/jobs", "jobs of the chart"),
    "storageclasses": Kind("/apis/storage.k8s.io/v1/storageclasses", "why claims are pending"),
    "ingressclasses": Kind("/apis/networking.k8s.io/v1/ingressclasses", "classes of Ingresses"),
    "nodes": Kind("/api/v1/nodes", "nodes, room for more servers"),
    "allpods": Kind("/api/v1/pods", "room for more servers"),
}


class Reader:
    """Reads from the cluster, and notes what could not be read in `unread`."""

    def __init__(self, kubernetes: Kubernetes):
        self.kubernetes = kubernetes
        self.unread: list[Unread] = []
        self._free = asyncio.Semaphore(PARALLEL)

    async def attempt(
        self, what: str, unchecked: str, reading: Awaitable[Result], *, absent: Result | None = None
    ) -> Result | None:
        """Return what `reading` returns; None, and a note, if Kubernetes answers an error.

        If `absent` is not None, it is the result if Kubernetes answers that nothing exists there.
        """
        try:
            async with self._free:
                return await reading
        except ApiError as error:
            if error.status == 404 and absent is not None:
                return absent
            reason = f"no permission to read {what}" if error.status == 403 else str(error)
            self.unread.append(Unread(what, quotable(reason), unchecked))
            return None

    async def items(self, kind: str) -> Sequence[Object] | None:
        """Return the objects of a kind; None if they cannot be read."""
        entry = KINDS[kind]
        path = entry.path.format(ns=self.kubernetes.namespace)
        what = f"{entry.plural} of all namespaces" if kind == "allpods" else entry.plural
        reading = self.kubernetes.items(path)
        return await self.attempt(
            what, entry.checks, reading, absent=() if entry.optional else None
        )


async def gather(kubernetes: Kubernetes, release: str) -> tuple[Snapshot, tuple[Unread, ...]]:
    """Read a release's namespace; return it, and what could not be read. Raises ChoreError."""
    reader = Reader(kubernetes)
    # first, so that a cluster that does not answer is reported once
    version = await reader.attempt("the version", "versions", kubernetes.get("/version"))
    kinds = [kind for kind in KINDS if kind != "allpods"]
    lists, labels, secrets = await asyncio.gather(
        asyncio.gather(*map(reader.items, kinds)), _labels(reader), _secrets(reader)
    )
    objects = {kind: items for kind, items in zip(kinds, lists, strict=True) if items is not None}
    if secrets is not None:
        objects["secrets"] = secrets
    if "nodes" in objects and (pods := await reader.items("allpods")) is not None:
        objects["allpods"] = pods
    base = Snapshot(kubernetes.namespace, release, objects, version or {}, labels)
    logs, certificates = await asyncio.gather(_logs(reader, base), _certificates(reader, base))
    snapshot = Snapshot(
        kubernetes.namespace, release, objects, version or {}, labels, logs, certificates,
        datetime.now(UTC),
    )  # fmt: skip
    return snapshot, tuple(sorted(reader.unread, key=lambda unread: unread.what))


async def _labels(reader: Reader) -> dict[str, str] | None:
    namespace = reader.kubernetes.namespace
    reading = reader.kubernetes.get(f"/api/v1/namespaces/{namespace}")
    answer = await reader.attempt(f"the namespace {namespace}", "Pod Security", reading)
    return None if answer is None else answer["metadata"].get("labels") or {}


async def _secrets(reader: Reader) -> Sequence[Object] | None:
    path = f"/api/v1/namespaces/{reader.kubernetes.namespace}/secrets"
    reading = reader.kubernetes.items(path, metadata_only=True)
    return await reader.attempt("secrets", "missing and changed Secrets", reading)


async def _logs(reader: Reader, snapshot: Snapshot) -> dict[str, str]:
    """Return the ends of the logs of the hub's pods."""
    logs = {}
    for pod in snapshot.component("pods", "hub"):
        if log := await _log(reader, pod):
            logs[name_of(pod)] = log
    return logs


async def _log(reader: Reader, pod: Object) -> str:
    status = _hub_status(pod)
    if status is None or not (_started(status) or _restarted(status)):
        return ""
    query = {"container": "hub", "tailLines": LOG_LINES, "limitBytes": LOG_BYTES}
    if not _started(status):
        query["previous"] = "true"
    path = f"/api/v1/namespaces/{reader.kubernetes.namespace}/pods/{name_of(pod)}/log"
    reading = reader.kubernetes.text(path, **query)
    log = await reader.attempt(f"the log of {name_of(pod)}", "why the hub fails", reading)
    # as a whole: a private key has many lines
    return without_secrets(log or "")


def _hub_status(pod: Object) -> dict[str, Any] | None:
    statuses = status_of(pod).get("containerStatuses") or ()
    return next((status for status in statuses if status.get("name") == "hub"), None)


def _started(status: Object) -> bool:
    state = status.get("state") or {}
    return "running" in state or "terminated" in state


def _restarted(status: Object) -> bool:
    return bool(status.get("restartCount"))


async def _certificates(reader: Reader, snapshot: Snapshot) -> dict[str, Sequence[bytes]]:
    names: Iterable[str] = sorted(names_of_tls_secrets(snapshot))
    results = await asyncio.gather(*(_certificates_of(reader, name) for name in names))
    return {
        name: certificates
        for name, certificates in zip(names, results, strict=True)
        if certificates is not None
    }


async def _certificates_of(reader: Reader, secret: str) -> Sequence[bytes] | None:
    """Return the certificates in a Secret; None if it does not exist or cannot be read."""
    path = f"/api/v1/namespaces/{reader.kubernetes.namespace}/secrets/{secret}"
    reading = reader.kubernetes.get(path)
    answer = await reader.attempt(f"the Secret {secret}", "its certificate", reading, absent={})
    if not answer:
        return None
    certificates = certificates_in(answer.get("data") or {})
    if certificates is None:
        reason = "not in the format of traefik"
        reader.unread.append(Unread(f"the Secret {secret}", reason, "its certificate"))
    return certificates
