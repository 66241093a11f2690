"""Homes are found again, never shadowed by a new empty one, and never another user's.

A claim says in its annotations whose it is. That holds when its name does not: after a change of
the name template or of the slug scheme, after a loss of the hub's database, and where the names of
two users are written alike.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from kubernetes_asyncio.client.exceptions import ApiException
from traitlets import default

from ..config.ownership import SERVER, USER, Claimant, Metadata, new_name, per_user
from ..failures import Fact
from .kubernetes_api import UNREACHABLE, Refused, ask, is_passing
from .owned_objects import OwnedObjects
from .shared_call import Coalesced

ASK = 4.0  # seconds between two questions after a claim that has no volume yet

# one list of a namespace's claims for all users who start for the first time at once
_lists: dict[str, Coalesced[list[dict[str, Any]]]] = defaultdict(Coalesced)


class SafeHomes(OwnedObjects):
    """A KubeSpawner that looks for a user's home before it makes one."""

    _pvc_exists: bool
    pvc_name: str
    _asked_for_claim = 0.0

    @default("delete_pvc")
    def _keep_claims(self) -> bool:
        # a home goes with its user only where the administrator asks for it
        return False

    async def _decide_ownership(self) -> None:
        await super()._decide_ownership()
        if self.storage_pvc_ensure:
            await self._settle_home()
        for template in self._claim_templates():
            claim = await self._read_object("persistent_volume_claim", self._expand_all(template))
            if claim:
                self._refuse_claim(claim["metadata"], self._claimant(template))

    async def _settle_home(self) -> None:
        """Set `pvc_name` and `_pvc_exists` to the home of this server."""
        claim = await self._read_home() if self._pvc_exists else None
        objection = claim and self._home_claimant.objection(claim["metadata"])
        if claim and not objection:
            return
        why = f"is not this server's home: it {objection.text}" if objection else "has gone"
        if self._pvc_exists:
            self.log.warning("%s: the claim %s %s", self._log_name, self.pvc_name, why)
        self._pvc_exists = False
        if objection:
            self.pvc_name = self._expand_user_properties(self.pvc_name_template)
        name = await self._existing_home()
        if name is None:
            if claim and objection and objection.cause != "released":
                # a renamed user, say, would otherwise get a new and empty home
                self._refuse_claim(claim["metadata"], self._home_claimant)
            return
        if name != self.pvc_name:
            self.log.warning(
                "%s: the home is the claim %s, though the configuration would call it %s",
                self._log_name, name, self.pvc_name,
            )  # fmt: skip
            self._mount_instead(name)
        self._pvc_exists = True

    async def _existing_home(self) -> str | None:
        """The claim that is this server's home. Raises Refused if that cannot be decided.

        If the claim that the configuration names was released, `pvc_name` is a new name.
        """
        return self._home_among(await _lists[self.namespace].get(self._list_claims))

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
            self.log.warning("The hub may not list claims: it cannot find homes of other names")
            return []
        claims: list[dict[str, Any]] = found["items"]
        return claims

    def _home_among(self, claims: list[dict[str, Any]]) -> str | None:
        claimant = self._home_claimant
        named = {claim["metadata"]["name"]: claim["metadata"] for claim in claims}
        objection = None
        if configured := named.get(self.pvc_name):
            objection = claimant.objection(configured)
            if objection is None:
                return str(self.pvc_name)
        if not self._is_personal:
            if configured:
                self._refuse_claim(configured, claimant)
            return None
        homes = claimant.homes_among(claims, self.pvc_name_template)
        if len(homes.certain) == 1:
            return homes.certain[0]
        if homes.certain or homes.doubtful:
            names = ", ".join(homes.certain or homes.doubtful)
            raise Refused(Fact("home", "Ambiguous", f"claims of {claimant.owner}: {names}"))
        if homes.deleted:
            self._refuse_claim(named[homes.deleted[0]], claimant)
        if configured and objection and objection.cause == "released":
            self._mount_instead(new_name(self.pvc_name, named))
        elif configured:
            self._refuse_claim(configured, claimant)
        return None

    def _mount_instead(self, name: str) -> None:
        if not any("{pvc_name}" in str(volume) for volume in _each(self.volumes)):
            why = f"the claim of this user is {name}, and no volume is of {{pvc_name}}"
            raise Refused(Fact("home", "NotMounted", why))
        self.pvc_name = name

    @property
    def _is_personal(self) -> bool:
        """Whether the claim is one user's; else it is the release's, for all users."""
        return self.enable_user_namespaces or per_user(self.pvc_name_template)

    @property
    def _home_claimant(self) -> Claimant:
        return self._claimant(self.pvc_name_template)

    def _refuse_claim(self, metadata: Metadata, claimant: Claimant) -> None:
        """Raise Refused if a claim is not to be used by a claimant."""
        if objection := claimant.objection(metadata):
            raise self._ownership_refusal("PersistentVolumeClaim", metadata, objection)

    def _claim_templates(self) -> Iterable[str]:
        """The names of mounted claims that are derived from the user's or the server's name.

        A name without fields is the administrator's explicit choice, whoever the owner is.
        """
        volumes = [*_each(self.volumes), *_each((self.extra_pod_config or {}).get("volumes") or ())]
        names = dict.fromkeys(filter(None, map(_claim_name, volumes)))
        ours = {"{pvc_name}", self.pvc_name_template} if self.storage_pvc_ensure else set()
        return [name for name in names if per_user(name) and name not in ours]

    async def _make_create_pvc_request(self, pvc: Any, request_timeout: float) -> bool:
        """Create the claim. Raises Refused if another server's exists under its name.

        A claim that somebody created since the homes were listed is success for KubeSpawner.
        """
        try:
            exists: bool = await super()._make_create_pvc_request(pvc, request_timeout)
            claim = await self._read_home() if exists else None
        except Exception as error:
            if is_passing(error):
                return False  # KubeSpawner tries again
            raise
        if claim:
            self._refuse_claim(claim["metadata"], self._home_claimant)
        return exists

    async def _check_pvc_exists(self, pvc_name: str, namespace: str) -> bool:
        """Whether a claim exists that this server may use; KubeSpawner asks for legacy names."""
        return bool(await self._until_answered(lambda: self._is_own_claim(pvc_name)))

    async def _is_own_claim(self, name: str) -> bool:
        claim = await self._read_object("persistent_volume_claim", name)
        return bool(claim) and self._home_claimant.objection(claim["metadata"]) is None

    async def _read_home(self) -> Any:
        return await self._read_object("persistent_volume_claim", self.pvc_name)

    def get_pvc_manifest(self) -> Any:
        """KubeSpawner's; a claim whose name holds for all users has no owner."""
        pvc = super().get_pvc_manifest()
        if not self._is_personal:
            for name in (USER, SERVER):
                pvc.metadata.annotations.pop(name, None)
        return pvc

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


def _each(volumes: Any) -> Iterable[Any]:
    return volumes.values() if isinstance(volumes, dict) else volumes


def _claim_name(volume: Any) -> str:
    """The name of the claim that a volume of a manifest mounts; code may also give models."""
    to_dict = getattr(volume, "to_dict", None)
    fields: Mapping[str, Any] = to_dict() if to_dict else volume
    claim = fields.get("persistentVolumeClaim") or fields.get("persistent_volume_claim") or {}
    return str(claim.get("claimName") or claim.get("claim_name") or "")
