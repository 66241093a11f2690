"""Homes are found again, and never shadowed by a new empty one.

A claim says in its annotations whose it is. That holds when its name does not: after a change of
the name template or of the slug scheme, or of what a hub's database remembers.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from kubernetes_asyncio.client.exceptions import ApiException
from traitlets import default

from .failures import Fact
from .responses import UNREACHABLE, Refused, ask, is_passing
from .sharing import Shared
from .starting import ReadableFailures

SHARED = 3.0  # seconds for which a list of the claims serves all who start for the first time
USER = "hub.jupyter.org/username"
SERVER = "hub.jupyter.org/servername"
ASK = 4.0  # seconds between two questions after a claim that has no volume yet
_OF_A_SERVER = re.compile(r"\{(unescaped_|escaped_|safe_)?(servername|user_server)\}")

# of each namespace. What matters of it is the user's own claims, and who makes those is this hub
_lists: dict[str, Shared[list[dict[str, Any]]]] = defaultdict(lambda: Shared(SHARED))


def per_server(template: str) -> bool:
    """Whether a name template gives each named server of a user a claim of its own."""
    return bool(_OF_A_SERVER.search(template))


def homes_of(
    claims: Iterable[Mapping[str, Any]], user: str, server: str, *, each_server: bool
) -> list[str]:
    """The names of the claims that are the home of a user's server, going by annotations.

    `each_server` as told by `per_server`. Where a user has one home for all servers, one that no
    named server made comes alone.
    """
    own = {
        claim["metadata"]["name"]: (claim["metadata"].get("annotations") or {}).get(SERVER) or ""
        for claim in claims
        if (claim["metadata"].get("annotations") or {}).get(USER) == user
        and "deletionTimestamp" not in claim["metadata"]
    }
    if each_server:
        return [name for name, of in own.items() if of == server]
    return [name for name, of in own.items() if not of] or list(own)


class SafeHomes(ReadableFailures):
    """A KubeSpawner that looks for a user's home before it makes one."""

    _pvc_exists: bool
    _asked_for_claim = 0.0

    @default("delete_pvc")
    def _keep_claims(self) -> bool:
        # a home goes with its user only where the administrator asks for it
        return False

    async def load_user_options(self) -> None:
        await super().load_user_options()
        if self.storage_pvc_ensure and self._pvc_exists and not await self._is_claim(self.pvc_name):
            self.log.warning("%s: the claim %s has gone", self._log_name, self.pvc_name)
            self._pvc_exists = False

    async def _make_create_pvc_request(self, pvc: Any, request_timeout: float) -> bool:
        """Use the home that there is; make one only where there is none."""
        try:
            name = await self._existing_home()
        except Exception as error:
            if is_passing(error):
                return False  # KubeSpawner tries again
            raise
        if name is None:
            made: bool = await super()._make_create_pvc_request(pvc, request_timeout)
            return made
        if name != self.pvc_name:
            self.log.warning(
                "%s: the home is the claim %s, though the configuration would call it %s",
                self._log_name, name, self.pvc_name,
            )  # fmt: skip
            self._mount_instead(name)
        return True

    async def _existing_home(self) -> str | None:
        """The claim that is this server's home. Raises Refused where several may be."""
        name = self._home_among(await _lists[self.namespace].get(self._list_claims))
        if name is not None and not await self._is_claim(name):
            # deleted since others asked
            name = self._home_among(await self._list_claims())
        return name

    async def _list_claims(self) -> list[dict[str, Any]]:
        try:
            found = await ask(
                self.api.list_namespaced_persistent_volume_claim,
                self.namespace,
                timeout=self.k8s_api_request_timeout,
            )
        except ApiException as error:
            if error.status != 403:
                raise
            self.log.warning("The hub may not list claims: it cannot see whose there are")
            return []
        claims: list[dict[str, Any]] = found["items"]
        return claims

    def _home_among(self, claims: list[dict[str, Any]]) -> str | None:
        if any(claim["metadata"]["name"] == self.pvc_name for claim in claims):
            return str(self.pvc_name)
        each = per_server(self.pvc_name_template)
        names = homes_of(claims, self.user.name, self.name, each_server=each)
        if len(names) > 1:
            raise Refused(Fact("home", "Ambiguous", f"claims of this user: {', '.join(names)}"))
        return names[0] if names else None

    def _mount_instead(self, name: str) -> None:
        if not any("{pvc_name}" in str(volume) for volume in _each(self.volumes)):
            why = f"the claim of this user is {name}, and no volume is of {{pvc_name}}"
            raise Refused(Fact("home", "NotMounted", why))
        self.pvc_name = name

    async def _look_further(self) -> None:
        """Why the claim has no volume, where that may be what the pod waits for.

        The scheduler says nothing while it waits for a provisioner, and no event of the pod ever
        says why that makes none.
        """
        await super()._look_further()
        now, pod, held_up = time.monotonic(), self._pod_now(), self._held_up()
        waits = pod is not None and not pod["spec"].get("nodeName")
        if not waits or (held_up and not held_up.failure.id.startswith("home-")):
            self._further = ()
        elif not self._asked_for_claim:  # most pods have a node before it is asked
            self._asked_for_claim = now
        elif now - self._asked_for_claim >= ASK:
            self._asked_for_claim = now
            self._further = await self._claim_facts()

    async def _claim_facts(self) -> tuple[Fact, ...]:
        """What Kubernetes says of the home's claim as long as it has no volume."""
        about = f"involvedObject.kind=PersistentVolumeClaim,involvedObject.name={self.pvc_name}"
        try:
            claim = await ask(
                self.api.read_namespaced_persistent_volume_claim,
                self.pvc_name,
                self.namespace,
                timeout=self.k8s_api_request_timeout,
            )
            if claim["status"].get("phase") != "Pending":
                return ()
            found = await ask(
                self.api.list_namespaced_event,
                self.namespace,
                timeout=self.k8s_api_request_timeout,
                field_selector=about,
            )
        except (ApiException, *UNREACHABLE):
            return ()
        return tuple(
            Fact("home", event.get("reason") or "", event.get("message") or "")
            for event in found["items"]
        )

    async def _is_claim(self, name: str) -> bool:
        try:
            await self.api.read_namespaced_persistent_volume_claim(
                name, self.namespace, _request_timeout=self.k8s_api_request_timeout
            )
        except ApiException as error:
            if error.status == 404:
                return False
            self.log.warning("Cannot see whether the claim %s is there: %s", name, error.reason)
        except UNREACHABLE as error:
            self.log.warning("Cannot see whether the claim %s is there: %s", name, error)
        return True


def _each(volumes: Any) -> Iterable[Any]:
    return volumes.values() if isinstance(volumes, dict) else volumes
