"""What a hub believes of its pods: doubt is not death.

KubeSpawner keeps the pods of a hub in memory, as a watch tells them. Here a watch that has ended
or stands still is begun again, a pod is gone only when Kubernetes itself says so, and a server
that does not answer while the hub starts is waited for as long as its pod is there.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from types import SimpleNamespace
from typing import Any

from kubernetes_asyncio.client.exceptions import ApiException

from ..config.api_statuses import RETRYABLE
from .kubernetes_api import UNREACHABLE, ask, is_passing
from .owned_objects import OwnedObjects
from .reflectors import Watch, watched

ASK_AGAIN = 3.0  # seconds after which a server that does not answer may have got another address
START_ID = "z2jh.jupyter.org/start"


def is_doubt(error: BaseException) -> bool:
    """Whether an error says nothing about a pod, only that Kubernetes cannot be asked."""
    if isinstance(error, ApiException):
        return error.status in RETRYABLE or error.status in (0, None, 401, 403)
    return isinstance(error, UNREACHABLE)


class SteadyWatches(OwnedObjects):
    """A KubeSpawner that does not take a failing API for failing servers."""

    _start_id = ""

    async def _start_reflector(self, kind: str, reflector_class: type, **more: Any) -> Any:
        """As KubeSpawner's, and one that stands still is begun again; a start waits for that."""
        more |= {"kind": kind, "reflector_class": watched(reflector_class)}
        while True:
            known = self.__class__.reflectors.get(self._get_reflector_key(kind))
            try:
                if isinstance(known, Watch) and known.stands_still(time.monotonic()):
                    await known.begin_again()
                # a start that is given up takes the watch from nobody who waits for it too
                watching = asyncio.ensure_future(super()._start_reflector(**more))
                found = await asyncio.shield(watching)
            except Exception as error:
                if self.pending != "spawn" or not is_passing(error):
                    raise
                await self._try_later(error)
            else:
                self._unanswered = None
                return found

    def start(self) -> asyncio.Future[Any]:
        self._start_id = secrets.token_hex(8)
        return super().start()

    async def poll(self) -> Any:
        """As KubeSpawner's; None, which is alive, as long as Kubernetes does not deny it."""
        status = await self._status()
        if status is None and self._check_pending and self.server:
            self._wait_for_it()
        return status

    async def _status(self) -> Any:
        try:
            status = await super().poll()
            if status is not None and await self._is_there():
                return None
        except Exception as error:
            if not is_doubt(error):
                raise
            self.log.warning("Cannot see how %s is, so it is left alone: %s", self._log_name, error)
            return None
        return status

    async def _is_there(self) -> bool:
        """Whether Kubernetes has this server's pod, though the watch has not; and it runs."""
        if self._pod_key in self.pod_reflector.pods:
            return False  # the watch knows it, and how it ended
        try:
            pod = await ask(
                self.api.read_namespaced_pod,
                self.pod_name,
                self.namespace,
                timeout=self.k8s_api_request_timeout,
            )
        except ApiException as error:
            if error.status == 404:
                return False
            raise
        if objection := self._objection(pod):
            self.log.warning(
                "%s: its pod is gone; the pod %s %s", self._log_name, self._pod_key, objection.text
            )
            return False
        phase = (pod.get("status") or {}).get("phase")
        return phase in ("Pending", "Running") and "deletionTimestamp" not in pod["metadata"]

    def _wait_for_it(self) -> None:
        """Have the hub, which is starting, not stop this server because it does not answer.

        JupyterHub gives it `http_timeout` seconds. A pod that runs is then taken for a server as
        it would be had the hub not been away; one that is still to run has `start_timeout`.
        """
        server = self.server
        wait_up = type(server).wait_up
        began = time.monotonic()

        async def patiently(*args: Any, timeout: float, **more: Any) -> Any:
            while True:
                try:
                    return await wait_up(server, *args, timeout=min(timeout, ASK_AGAIN), **more)
                except TimeoutError:
                    # which also learns where the pod is, once that is known
                    if await self._status() is not None:
                        raise
                waited = time.monotonic() - began
                pod = self._pod_now()
                if pod and pod["status"].get("phase") == "Pending":
                    if waited >= self.start_timeout:
                        raise TimeoutError(f"{self._log_name}: its pod is still pending")
                elif waited >= timeout:
                    self.log.warning("%s does not answer; it is left alone", self._log_name)
                    return SimpleNamespace(headers={})

        server.wait_up = patiently

    async def _make_create_pod_request(self, pod: Any, request_timeout: float) -> bool:
        """Create the pod; wait where Kubernetes does not answer; know our own pod again.

        A request that timed out here may have succeeded there: the next one is then a conflict
        with the very pod that was asked for.
        """
        pod.metadata.annotations = {**(pod.metadata.annotations or {}), START_ID: self._start_id}
        while True:
            try:
                created = self.api.create_namespaced_pod(self.namespace, pod)
                await asyncio.wait_for(created, request_timeout)
            except Exception as error:
                conflict = isinstance(error, ApiException) and error.status == 409
                if conflict and await self._is_of_this_start(pod.metadata.name):
                    return True
                if conflict:  # of an earlier start: KubeSpawner puts it away
                    done: bool = await super()._make_create_pod_request(pod, request_timeout)
                    return done
                if not is_passing(error):
                    raise
                await self._try_later(error)
            else:
                self._unanswered = None
                return True

    async def _is_of_this_start(self, name: str) -> bool:
        """Whether this start created the pod. Raises Refused if it belongs to another server."""
        pod = await self._read_object("pod", name)
        if pod is None:
            return False
        self._refuse_pod(pod)
        annotations = pod["metadata"].get("annotations") or {}
        same: bool = annotations.get(START_ID) == self._start_id
        return same and "deletionTimestamp" not in pod["metadata"]
