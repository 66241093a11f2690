"""Mark the homes that remain when JupyterHub deletes their user.

The claim is annotated with the time, so that a later user of the same name does not get the files.
An annotation survives the loss of the hub's database. Comparing the age of user and home would not
do: in a new database, every user is newer than their home. What could not be marked at that time is
marked before the next user of the name starts a server (`former_users`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from kubernetes_asyncio.client.exceptions import ApiException

from ..config.ownership import ASSIGNED, DELETED, Metadata, Objection, owner_of
from . import former_users, usage
from .homes import SafeHomes
from .kubernetes_api import is_transient
from .owned_objects import only

MERGE_PATCH = "application/merge-patch+json"
# between the hub and Kubernetes; the next user of a name has no claim before the first start
CLOCKS_DIFFER = timedelta(minutes=5)


class DeletedUsers(SafeHomes):
    """A KubeSpawner that deletes only a user's own claims, and marks those that remain."""

    async def _decide_ownership(self) -> None:
        if at := former_users.until(self.user.db, self.user.name):
            if self.storage_pvc_ensure:
                await self._mark_former_homes(at)
            for path in self._personal_paths():
                self.log.warning(
                    "%s: another user had this name until %s, and the directory %s may have "
                    "their files", self._log_name, at, self._path_of(path),
                )  # fmt: skip
            former_users.forget(self.user.db, self.user.name)
        await super()._decide_ownership()

    async def _mark_former_homes(self, at: datetime) -> None:
        """Mark the claims of the user who had this user's name until `at`.

        Raises Refused if the hub is not allowed to, ApiException if Kubernetes does not answer.
        """
        for claim in await self._claims_of_user():
            metadata = claim["metadata"]
            if _is_from_before(metadata, at) and self._is_users_home(metadata):
                marked = await self._mark_deleted(metadata["name"], at)
                if not marked:
                    objection = Objection("deleted", f"belongs to a user who left at {at}")
                    raise self._ownership_refusal("PersistentVolumeClaim", metadata, objection)

    async def _claims_of_user(self) -> list[dict[str, Any]]:
        """Return the claims among which the homes of this user are.

        A hub that may not list claims knows only the one with the configured name.
        """
        claims = await self._list_claims()
        if self.pvc_name not in (claim["metadata"]["name"] for claim in claims):
            configured = await self._read_home()
            return [*claims, configured] if configured else claims
        return claims

    async def delete_forever(self) -> None:
        """Delete what KubeSpawner deletes; then mark the remaining claims of a deleted user.

        JupyterHub calls this for the default server only when it deletes the user.
        """
        await super().delete_forever()
        if self.name or not self.storage_pvc_ensure:
            return
        now = usage.now()
        for claim in await self._claims_of_user():
            if self._is_users_home(claim["metadata"]):
                await self._mark_deleted(claim["metadata"]["name"], now)

    def _is_users_home(self, metadata: Metadata) -> bool:
        """Return whether a remaining claim is a home of this user, by its owner or its name.

        The name decides only if the claim has no owner.
        """
        owner = owner_of(metadata)
        if "deletionTimestamp" in metadata or not self._is_personal:
            return False
        if owner is None and metadata["name"] != self.pvc_name:
            return False
        return replace(self._home_claimant, each_server=False).objection(metadata) is None

    async def _mark_deleted(self, name: str, at: datetime) -> bool:
        """Annotate a claim with the time at which its user left; return whether that is allowed.

        Raises ApiException if Kubernetes does not answer.
        """
        time = at.replace(tzinfo=UTC).isoformat(timespec="seconds")
        try:
            await self.api.patch_namespaced_persistent_volume_claim(
                name,
                self.namespace,
                {"metadata": {"annotations": {DELETED: time}}},
                _content_type=MERGE_PATCH,
                _request_timeout=self.k8s_api_request_timeout,
            )
        except ApiException as error:
            if error.status == 404:
                return True
            if is_transient(error):
                raise
            self.log.warning(
                "%s was deleted, and the claim %s cannot be marked: %s %s. A later user of this "
                "name would get these files; grant the hub `patch` on persistentvolumeclaims",
                self._log_name, name, error.status, error.reason,
            )  # fmt: skip
            return False
        self.log.info("%s was deleted; the claim %s remains", self._log_name, name)
        return True

    async def _make_delete_pvc_request(self, pvc_name: str, request_timeout: float) -> bool:
        try:
            claim = await self._read_object("persistent_volume_claim", pvc_name)
            if claim is None:
                return True
            metadata = claim["metadata"]
            objection = self._home_claimant.objection(metadata)
            if objection and objection.cause != "deleted":
                self._log_not_deleted("claim", pvc_name, objection)
                return True
            self.log.info("Deleting the claim %s", pvc_name)
            await self.api.delete_namespaced_persistent_volume_claim(
                pvc_name, self.namespace, body=only(metadata), _request_timeout=request_timeout
            )
        except TimeoutError:
            return False
        except ApiException as error:
            if error.status not in (404, 409):
                raise
            return error.status == 404  # 409: another claim was created under this name
        return True


def _is_from_before(metadata: Metadata, at: datetime) -> bool:
    """Return whether a claim is older than `at`, and no later decision assigned it."""
    assigned = (metadata.get("annotations") or {}).get(ASSIGNED)
    if assigned:
        return _moment(assigned) < at
    return _moment(metadata["creationTimestamp"]) <= at + CLOCKS_DIFFER


def _moment(time: str) -> datetime:
    moment = datetime.fromisoformat(time)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
