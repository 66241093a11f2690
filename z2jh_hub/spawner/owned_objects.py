"""A spawner that touches only pods, Secrets and Services of its own server.

Ownership is decided before a start creates, replaces or deletes anything. `ownership` has the rule.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from kubernetes_asyncio.client import V1DeleteOptions, V1Preconditions
from kubernetes_asyncio.client.exceptions import ApiException

from ..config.ownership import SERVER, USER, Claimant, Metadata, Objection, Owner, per_server
from ..failures import Fact
from .kubernetes_api import Refused, ask, is_passing, refusal
from .start_failures import ReadableFailures

AGAIN = 2.0  # seconds between two attempts while Kubernetes does not answer
_SLUGS = "{username} {safe_username} {escaped_username} {servername} {safe_servername} "
_SLUGS += "{escaped_servername} {safe_user_server} {escaped_user_server}"


class OwnPods(Mapping[str, Any]):
    """The watched pods, without one that has this server's name and another owner."""

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
    """A KubeSpawner that neither uses nor deletes what belongs to another server."""

    #: whether this start has yet to decide whose the objects are that it would use
    _undecided = False

    def _claimant(self, template: str = "") -> Claimant:
        """This server, as it asks for an object named by `template`; a pod where it is empty."""
        slugs = self._expand_user_properties(_SLUGS).split()
        return Claimant(
            Owner(self.user.name, self.name or ""),
            each_server=not template or per_server(template),
            release=str(self.common_labels.get("release") or ""),
            user_id=str(self.user.id),
            slugs=frozenset(filter(None, [self.user.name, self.name, *slugs])),
        )

    def _objection(self, pod: Mapping[str, Any]) -> Objection | None:
        return self._claimant().objection(pod["metadata"])

    def _ownership_refusal(self, kind: str, metadata: Metadata, objection: Objection) -> Refused:
        """The refusal of a start that would use another's object."""
        reason = "Deleted" if objection.cause == "deleted" else kind
        where = f"{kind} {self.namespace}/{metadata['name']}"
        asking = Owner(self.user.name, self.name or "")
        return Refused(Fact("owner", reason, f"{where} {objection.text}; requested by {asking}"))

    # What KubeSpawner sees of the watched pods

    @property
    def pod_reflector(self) -> Any:
        """KubeSpawner's, which does not show another's pod as this server's."""
        reflector = super().pod_reflector
        if reflector is None:
            return None
        pods = OwnPods(reflector.pods, self._pod_key, lambda pod: self._objection(pod) is None)
        return OwnReflector(reflector, pods)

    @property
    def _pod_key(self) -> str:
        return f"{self.namespace}/{self.pod_name}"

    def _anothers_pod(self) -> Any:
        """The watched pod with this server's pod name, if it belongs to another server."""
        reflector = super().pod_reflector
        pod = reflector and reflector.pods.get(self._pod_key)
        return pod if pod and self._objection(pod) else None

    @property
    def events(self) -> list[Any]:
        """KubeSpawner's; none while the pod of this name belongs to another server."""
        return [] if self._anothers_pod() else super().events

    # Starts

    async def _start(self) -> Any:
        self._undecided = True
        return await super()._start()

    async def load_user_options(self) -> None:
        await super().load_user_options()
        if self._undecided:
            self._undecided = False
            await self._until_answered(self._decide_ownership)

    async def _decide_ownership(self) -> None:
        """Raise Refused if this start would use another's objects."""
        await self._start_watching_pods()
        if pod := self._anothers_pod():
            self._refuse_pod(pod)

    def _refuse_pod(self, pod: Mapping[str, Any]) -> None:
        """Raise Refused if a pod belongs to another server."""
        if objection := self._objection(pod):
            raise self._ownership_refusal("Pod", pod["metadata"], objection)

    async def _until_answered(self, question: Callable[[], Awaitable[Any]]) -> Any:
        """The answer to a question, asked again while Kubernetes does not answer."""
        while True:
            try:
                answer = await question()
            except Exception as error:
                if not is_passing(error):
                    raise
                await self._try_later(error)
            else:
                self._unanswered = None
                return answer

    async def _try_later(self, error: Exception) -> None:
        self._unanswered = refusal(error) or Fact("refused", "0", str(error) or "no answer in time")
        await asyncio.sleep(AGAIN)

    async def _read_object(self, kind: str, name: str) -> Any:
        """An object of the namespace as JSON; None if it does not exist. Raises ApiException."""
        call = getattr(self.api, f"read_namespaced_{kind}")
        try:
            return await ask(call, name, self.namespace, timeout=self.k8s_api_request_timeout)
        except ApiException as error:
            if error.status == 404:
                return None
            raise

    def _build_common_annotations(self, extra_annotations: Any) -> dict[str, str]:
        """KubeSpawner's, with an owner that no other annotation can replace."""
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
            self._log_kept("pod", pod_name, objection)
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
            return False  # another pod has this name since
        return gone

    async def _ensure_not_exists(self, kind: str, name: str) -> bool:
        found = await self._until_answered(lambda: self._read_object(kind, name))
        if found and (objection := self._objection(found)):
            raise self._ownership_refusal(kind.capitalize(), found["metadata"], objection)
        gone: bool = await super()._ensure_not_exists(kind, name)
        return gone

    def _log_kept(self, kind: str, name: str, objection: Objection) -> None:
        """Log that an object of another server is not deleted."""
        self.log.error(
            "%s: the %s %s/%s is not deleted: it %s",
            self._log_name, kind, self.namespace, name, objection.text,
        )  # fmt: skip


def only(metadata: Metadata) -> V1DeleteOptions:
    """Options that delete this very object, and no later one of its name."""
    return V1DeleteOptions(preconditions=V1Preconditions(uid=metadata["uid"]))
