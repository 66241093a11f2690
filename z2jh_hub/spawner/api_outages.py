"""User servers that survive an outage of Kubernetes' API.

KubeSpawner treats an API that does not answer as a server that has stopped. Here, the state of such
a server is unknown, and it keeps running: stale reflectors are restarted, a pod is gone only when
Kubernetes itself reports that, and a server that does not answer while the hub starts is not
stopped as long as its pod exists.
"""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

from kubernetes_asyncio.client.exceptions import ApiException

from .kubernetes_api import is_transient, leaves_pod_unknown
from .owned_objects import OwnedObjects
from .reflectors import RestartableReflector, restartable

CHECK_POD = 3.0  # seconds to wait for an answer before the pod, and its address, are read again
START_ID = "z2jh.jupyter.org/start"


class SurvivesOutages(OwnedObjects):
    """A KubeSpawner that does not mistake a failing API for failing servers."""

    async def _start_reflector(self, kind: str, reflector_class: type, **options: Any) -> Any:
        """Return KubeSpawner's reflector, restarted if it is stale.

        While a server starts, transient errors are retried.
        """
        options |= {"kind": kind, "reflector_class": restartable(reflector_class)}
        while True:
            existing = self.__class__.reflectors.get(self._get_reflector_key(kind))
            try:
                if isinstance(existing, RestartableReflector) and existing.is_stale(
                    time.monotonic()
                ):
                    await existing.restart()
                # other starts wait for the same reflector, so cancelling this one leaves it alone
                reflector_starts = asyncio.ensure_future(super()._start_reflector(**options))
                reflector = await asyncio.shield(reflector_starts)
            except Exception as error:
                if self.pending != "spawn" or not is_transient(error):
                    raise
                await self._current_start.wait_to_retry(error)
            else:
                self._current_start.unanswered = None
                return reflector

    async def poll(self) -> Any:
        """Return KubeSpawner's exit status, or None (running) unless Kubernetes denies that."""
        status = await self._status()
        if status is None and self._check_pending and self.server:
            self._wait_while_pod_exists()
        return status

    async def _status(self) -> Any:
        try:
            status = await super().poll()
            if status is not None and await self._has_live_pod():
                return None
        except Exception as error:
            if not leaves_pod_unknown(error):
                raise
            self.log.warning(
                "The state of %s is unknown; not stopping it: %s", self._log_name, error
            )
            return None
        return status

    async def _has_live_pod(self) -> bool:
        """Return whether this server's pod runs, although the reflector does not have it."""
        if self._pod_key in self.pod_reflector.pods:
            return False  # the reflector has it, and how it ended
        pod = await self._read_object("pod", self.pod_name)
        if pod is None:
            return False
        if objection := self._objection(pod):
            self.log.warning(
                "%s: its pod is gone; the pod %s %s", self._log_name, self._pod_key, objection.text
            )
            return False
        phase = (pod.get("status") or {}).get("phase")
        return phase in ("Pending", "Running") and "deletionTimestamp" not in pod["metadata"]

    def _wait_while_pod_exists(self) -> None:
        """Keep the starting hub from stopping this server because it does not answer.

        JupyterHub stops it after `http_timeout`. Here, a server whose pod runs is treated as
        running after that time, and one whose pod is pending has `start_timeout`.
        """
        server = self.server
        wait_up = type(server).wait_up
        began = time.monotonic()

        async def wait_for_pod(*args: Any, timeout: float, **options: Any) -> Any:
            while True:
                try:
                    return await wait_up(server, *args, timeout=min(timeout, CHECK_POD), **options)
                except TimeoutError:
                    # this also updates the address of the pod
                    if await self._status() is not None:
                        raise
                waited = time.monotonic() - began
                pod = self._current_pod()
                if pod and pod["status"].get("phase") == "Pending":
                    if waited >= self.start_timeout:
                        raise TimeoutError(f"{self._log_name}: its pod is still pending")
                elif waited >= timeout:
                    self.log.warning("%s does not answer; not stopping it", self._log_name)
                    return SimpleNamespace(headers={})

        server.wait_up = wait_for_pod

    async def _make_create_pod_request(self, pod: Any, request_timeout: float) -> bool:
        """Create the pod, waiting while Kubernetes does not answer.

        A request that timed out may have created the pod. The next request then conflicts with
        that very pod, which its annotation identifies.
        """
        start = self._current_start
        pod.metadata.annotations = {**(pod.metadata.annotations or {}), START_ID: start.id}
        while True:
            try:
                created = self.api.create_namespaced_pod(self.namespace, pod)
                await asyncio.wait_for(created, request_timeout)
            except Exception as error:
                conflict = isinstance(error, ApiException) and error.status == 409
                if conflict and await self._is_of_this_start(pod.metadata.name):
                    return True
                if conflict:  # with the pod of an earlier start, which KubeSpawner deletes
                    done: bool = await super()._make_create_pod_request(pod, request_timeout)
                    return done
                if not is_transient(error):
                    raise
                await start.wait_to_retry(error)
            else:
                start.unanswered = None
                return True

    async def _is_of_this_start(self, name: str) -> bool:
        """Return whether this start created a pod; raise Refused if it is another server's."""
        pod = await self._read_object("pod", name)
        if pod is None:
            return False
        self._refuse_pod(pod)
        annotations = pod["metadata"].get("annotations") or {}
        same: bool = annotations.get(START_ID) == self._current_start.id
        return same and "deletionTimestamp" not in pod["metadata"]
