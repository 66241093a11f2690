"""Find the claim of each user's home again, and never mount another user's.

The annotations of a claim name its owner. They are right even if its name is not: after a change
of the name template or of the slug scheme, after a loss of the hub's database, and if the names of
two users have the same slug. Without them, such a user would get a new and empty home.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from kubernetes_asyncio.client.exceptions import ApiException
from traitlets import default

from ..config.ownership import SERVER, USER, Claimant, Metadata, Owner, new_name, per_user
from ..failures import Fact
from . import path_owners
from .kubernetes_api import Refused, is_transient, request_json
from .owned_objects import OwnedObjects
from .pending_claim import PendingClaim
from .shared_call import Coalesced

# by namespace: one list of the claims for all users who start for the first time at once
_lists: dict[str, Coalesced[list[dict[str, Any]]]] = defaultdict(Coalesced)


class SafeHomes(OwnedObjects):
    """A KubeSpawner that looks for a user's home before it creates one."""

    _pvc_exists: bool
    pvc_name: str

    @default("delete_pvc")
    def _keep_claims(self) -> bool:
        # KubeSpawner's default deletes a home with its user
        return False

    async def _decide_ownership(self) -> None:
        await super()._decide_ownership()
        if self.storage_pvc_ensure:
            await self._find_home()
        for template in self._claim_templates():
            claim = await self._read_object("persistent_volume_claim", self._expand_all(template))
            if claim:
                self._refuse_claim(claim["metadata"], self._claimant(template))
        self._refuse_paths_of_others()

    def _refuse_paths_of_others(self) -> None:
        """Raise Refused if a directory that this server would mount is another user's."""
        for place in self._personal_paths():
            if owner := path_owners.earlier_owner(self, place):
                requester = Owner(self.user.name, self.name or "")
                why = f"{self._path_of(place)} belongs to user {owner}; requested by {requester}"
                raise Refused(Fact("owner", "Path", why))

    def _personal_paths(self) -> list[str]:
        """Return a template for each mounted directory that contains the user's name."""
        volumes, mounts = _each(self.volumes), _each(self.volume_mounts)
        return list(path_owners.templates(volumes, mounts, self.pvc_name_template))

    def _path_of(self, template: str) -> str:
        """Return the directory that `template` gives this server, as a person writes it."""
        return ":".join(self._expand_all(template).split("\n"))

    async def _find_home(self) -> None:
        """Set `pvc_name` and `_pvc_exists` for this server's home. Raises Refused."""
        claim = await self._read_home() if self._pvc_exists else None
        objection = claim and self._home_claimant.objection(claim["metadata"])
        if claim and not objection:
            return
        if self._pvc_exists:
            why = f"is not this server's home: it {objection.text}" if objection else "is gone"
            self.log.warning("%s: the claim %s %s", self._log_name, self.pvc_name, why)
        self._pvc_exists = False
        if objection:
            self.pvc_name = self._expand_user_properties(self.pvc_name_template)
        name = await self._existing_home()
        if name is None:
            if claim and objection and objection.cause != "released":
                # otherwise a renamed user, for example, would get a new and empty home
                self._refuse_claim(claim["metadata"], self._home_claimant)
            return
        if name != self.pvc_name:
            self.log.warning(
                "%s: the home is the claim %s, although the configured name is %s",
                self._log_name, name, self.pvc_name,
            )  # fmt: skip
            self._mount_instead(name)
        self._pvc_exists = True

    async def _existing_home(self) -> str | None:
        """Return the name of the claim that is this server's home, or None if there is none.

        Sets `pvc_name` to a new name if the claim with the configured name was released. Raises
        Refused if the home cannot be decided.
        """
        return self._home_among(await _lists[self.namespace].get(self._list_claims))

    async def _list_claims(self) -> list[dict[str, Any]]:
        try:
            answer = await request_json(
                self.api.list_namespaced_persistent_volume_claim,
                self.namespace,
                timeout=self.k8s_api_request_timeout,
            )
        except ApiException as error:
            if error.status != 403:
                raise
            self.log.warning(
                "The hub is not allowed to list PVCs, so it only finds homes with the configured "
                "name; grant it `list` on persistentvolumeclaims"
            )
            return []
        claims: list[dict[str, Any]] = answer["items"]
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
            why = f"the claim of this user is {name}, and no volume mounts {{pvc_name}}"
            raise Refused(Fact("home", "NotMounted", why))
        self.pvc_name = name

    @property
    def _is_personal(self) -> bool:
        """Whether the claim belongs to one user; otherwise all users of the release share it."""
        return self.enable_user_namespaces or per_user(self.pvc_name_template)

    @property
    def _home_claimant(self) -> Claimant:
        return self._claimant(self.pvc_name_template)

    def _refuse_claim(self, metadata: Metadata, claimant: Claimant) -> None:
        """Raise Refused if `claimant` must not use a claim."""
        if objection := claimant.objection(metadata):
            raise self._ownership_refusal("PersistentVolumeClaim", metadata, objection)

    def _claim_templates(self) -> Iterable[str]:
        """Return the names of mounted claims that contain the user's or the server's name.

        The owner of a claim with a fixed name does not matter: the administrator has chosen it.
        """
        volumes = [*_each(self.volumes), *_each((self.extra_pod_config or {}).get("volumes") or ())]
        names = dict.fromkeys(filter(None, map(_claim_name, volumes)))
        ours = {"{pvc_name}", self.pvc_name_template} if self.storage_pvc_ensure else set()
        return [name for name in names if per_user(name) and name not in ours]

    async def _make_create_pvc_request(self, pvc: Any, request_timeout: float) -> bool:
        """Create the claim. Raises Refused if another server's exists under its name.

        For KubeSpawner, a claim that was created since the homes were listed is a success.
        """
        try:
            exists: bool = await super()._make_create_pvc_request(pvc, request_timeout)
            claim = await self._read_home() if exists else None
        except Exception as error:
            if is_transient(error):
                return False  # KubeSpawner repeats the request
            raise
        if claim:
            self._refuse_claim(claim["metadata"], self._home_claimant)
        return exists

    async def _check_pvc_exists(self, pvc_name: str, namespace: str) -> bool:
        """Return whether a claim exists that this server may use.

        KubeSpawner calls it for names of earlier slug schemes.
        """
        return bool(await self._current_start.until_answered(lambda: self._is_own_claim(pvc_name)))

    async def _is_own_claim(self, name: str) -> bool:
        claim = await self._read_object("persistent_volume_claim", name)
        return bool(claim) and self._home_claimant.objection(claim["metadata"]) is None

    async def _read_home(self) -> Any:
        return await self._read_object("persistent_volume_claim", self.pvc_name)

    def get_pvc_manifest(self) -> Any:
        """Return KubeSpawner's manifest, without an owner if all users share the claim."""
        pvc = super().get_pvc_manifest()
        if not self._is_personal:
            for name in (USER, SERVER):
                pvc.metadata.annotations.pop(name, None)
        return pvc

    async def _update_facts(self) -> None:
        await super()._update_facts()
        claim = PendingClaim(self.api, self.namespace, self.pvc_name, self.k8s_api_request_timeout)
        await claim.update(self._current_start)


def _each(volumes: Any) -> Iterable[Any]:
    return volumes.values() if isinstance(volumes, dict) else volumes


def _claim_name(volume: Any) -> str:
    """Return the name of the claim that a volume, a mapping or a model, mounts."""
    to_dict = getattr(volume, "to_dict", None)
    fields: Mapping[str, Any] = to_dict() if to_dict else volume
    claim = fields.get("persistentVolumeClaim") or fields.get("persistent_volume_claim") or {}
    return str(claim.get("claimName") or claim.get("claim_name") or "")
