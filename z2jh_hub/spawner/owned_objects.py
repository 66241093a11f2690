"""A spawner that uses and deletes only pods, Secrets and Services of its own server.

Ownership is decided before a start creates, replaces or deletes anything. `config.ownership` has
the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kubernetes_asyncio.client import V1DeleteOptions, V1Preconditions
from kubernetes_asyncio.client.exceptions import ApiException

from ..config.ownership import SERVER, USER, Claimant, Metadata, Objection, Owner, per_server
from ..failures import Fact
from .kubernetes_api import Refused, request_json
from .start_failures import ReadableFailures
from .watched import Watched, since

_SLUGS = "{username} {safe_username} {escaped_username} {servername} {safe_servername} "
_SLUGS += "{escaped_servername} {safe_user_server} {escaped_user_server}"


class OwnPods(Mapping[str, Any]):
    """The watched pods, without a pod that has this server's name and another owner."""

    def __init__(self, pods: Mapping[str, Any], key: str, is_own: Callable[[Any], bool]):
        self._pods, self._key, self._is_own = pods, key, is_own

    def __getitem__(self, key: str) -> Any:
        pod = self._pods[key]
        if key == self._key and not self._is_own(pod):
            raise KeyError(key)
        return pod

    def __iter__(self) -> Iterator[str]:
        return (key for key in self._pods if key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class OwnReflector:
    """A reflector of pods whose `pods` are `OwnPods`."""

    def __init__(self, reflector: Any, pods: OwnPods):
        self._reflector, self.pods = reflector, pods

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reflector, name)


class OwnedObjects(ReadableFailures):
    """A KubeSpawner that neither uses nor deletes objects of another server."""

    _known_slugs: tuple[object, frozenset[str]] = (None, frozenset())

    def _claimant(self, template: str = "") -> Claimant:
        """Return this server as it claims an object named by `template`; if empty, its pod."""
        return Claimant(
            Owner(self.user.name, self.name or ""),
            each_server=not template or per_server(template),
            release=str(self.common_labels.get("release") or ""),
            user_id=str(self.user.id),
            slugs=self._slugs(),
        )

    def _slugs(self) -> frozenset[str]:
        """Return all spellings of the names of the user and the server.

        A start needs them each time it looks at its pod; they are made once for each name.
        """
        names = (self.user.name, self.name, self.slug_scheme)
        if self._known_slugs[0] != names:
            slugs = self._expand_user_properties(_SLUGS).split()
            spellings = frozenset(filter(None, [self.user.name, self.name, *slugs]))
            self._known_slugs = (names, spellings)
        return self._known_slugs[1]

    def _objection(self, pod: Mapping[str, Any]) -> Objection | None:
        return self._claimant().objection(pod["metadata"])

    def _ownership_refusal(self, kind: str, metadata: Metadata, objection: Objection) -> Refused:
        """Return the error of a start that would use an object of another owner."""
        reason = "Deleted" if objection.cause == "deleted" else kind
        where = f"{kind} {self.namespace}/{metadata['name']}"
        requester = Owner(self.user.name, self.name or "")
        return Refused(Fact("owner", reason, f"{where} {objection.text}; requested by {requester}"))

    # The pods and events that KubeSpawner sees

    @property
    def pod_reflector(self) -> Any:
        """KubeSpawner's reflector, without a pod of another owner under this server's name."""
        reflector = super().pod_reflector
        if reflector is None:
            return None
        pods = OwnPods(reflector.pods, self._pod_key, lambda pod: self._objection(pod) is None)
        return OwnReflector(reflector, pods)

    @property
    def _pod_key(self) -> str:
        return f"{self.namespace}/{self.pod_name}"

    def _anothers_pod(self) -> Any:
        """Return the watched pod with this server's pod name if it belongs to another server."""
        reflector = super().pod_reflector
        pod = reflector and reflector.pods.get(self._pod_key)
        return pod if pod and self._objection(pod) else None

    @property
    def events(self) -> list[Any]:
        """KubeSpawner's events, or none while the pod of this name belongs to another server.

        KubeSpawner sorts those of all pods; a reflector of ours has those of each.
        """
        if self._anothers_pod():
            return []
        all_events = getattr(self.event_reflector, "resources", None)
        if isinstance(all_events, Watched):
            return since(all_events.events_of(self.pod_name), self._last_event)
        events: list[Any] = super().events
        return events

    # Starts

    async def load_user_options(self) -> None:
        await super().load_user_options()
        start = self._current_start
        if not start.ownership_decided:
            start.ownership_decided = True
            await start.until_answered(self._decide_ownership)

    async def _decide_ownership(self) -> None:
        """Raise Refused if this start would use objects of another owner."""
        await self._start_watching_pods()
        if pod := self._anothers_pod():
            self._refuse_pod(pod)

    def _refuse_pod(self, pod: Mapping[str, Any]) -> None:
        """Raise Refused if a pod belongs to another server."""
        if objection := self._objection(pod):
            raise self._ownership_refusal("Pod", pod["metadata"], objection)

    async def _read_object(self, kind: str, name: str) -> Any:
        """Return an object of the namespace as JSON, or None if it does not exist.

        Raises ApiException.
        """
        call = getattr(self.api, f"read_namespaced_{kind}")
        timeout = self.k8s_api_request_timeout
        try:
            return await request_json(call, name, self.namespace, timeout=timeout)
        except ApiException as error:
            if error.status == 404:
                return None
            raise

    def _build_common_annotations(self, extra_annotations: Any) -> dict[str, str]:
        """Return KubeSpawner's annotations, with an owner that no other annotation replaces."""
        annotations: dict[str, str] = super()._build_common_annotations(extra_annotations)
        annotations.pop(SERVER, None)
        return {
            **annotations,
            USER: self.user.name,
            **({SERVER: self.name} if self.name else {}),
        }

    # Deletions

    async def _make_delete_pod_request(
        self, pod_name: str, delete_options: Any, grace_seconds: Any, request_timeout: float
    ) -> bool:
        try:
            pod = await self._read_object("pod", pod_name)
        except TimeoutError:
            return False
        if pod and (objection := self._objection(pod)):
            self._log_not_deleted("pod", pod_name, objection)
            return True
        if pod:
            delete_options.preconditions = V1Preconditions(uid=pod["metadata"]["uid"])
        try:
            gone: bool = await super()._make_delete_pod_request(
                pod_name, delete_options, grace_seconds, request_timeout
            )
        except ApiException as error:
            if error.status != 409:
                raise
            return False  # another pod was created under this name meanwhile
        return gone

    async def _ensure_not_exists(self, kind: str, name: str) -> bool:
        existing = await self._current_start.until_answered(lambda: self._read_object(kind, name))
        if existing and (objection := self._objection(existing)):
            raise self._ownership_refusal(kind.capitalize(), existing["metadata"], objection)
        gone: bool = await super()._ensure_not_exists(kind, name)
        return gone

    def _log_not_deleted(self, kind: str, name: str, objection: Objection) -> None:
        """Log that an object of another server is not deleted."""
        self.log.error(
            "%s: the %s %s/%s is not deleted: it %s",
            self._log_name, kind, self.namespace, name, objection.text,
        )  # fmt: skip


def only(metadata: Metadata) -> V1DeleteOptions:
    """Return options that delete exactly this object, not a later one of the same name."""
    return V1DeleteOptions(preconditions=V1Preconditions(uid=metadata["uid"]))
