"""Mark the homes that remain when JupyterHub deletes their user.

The claim is annotated with the time, so that a later user of the same name does not get the files.
An annotation survives the loss of the hub's database. Comparing the age of user and home would not
do: in a new database, every user is newer than their home.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from kubernetes_asyncio.client.exceptions import ApiException

from ..config.ownership import DELETED, Metadata, owner_of
from .homes import SafeHomes
from .owned_objects import only

MERGE_PATCH = "application/merge-patch+json"


class DeletedUsers(SafeHomes):
    """A KubeSpawner that deletes only a user's own claims, and marks those that remain."""

    async def delete_forever(self) -> None:
        """Delete what KubeSpawner deletes; then mark the remaining claims of a deleted user.

        JupyterHub calls this for the default server only when it deletes the user.
        """
        await super().delete_forever()
        if self.name or not self.storage_pvc_ensure:
            return
        for claim in await self._list_claims():
            if self._is_users_home(claim["metadata"]):
                await self._mark_deleted(claim["metadata"]["name"])

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

    async def _mark_deleted(self, name: str) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            await self.api.patch_namespaced_persistent_volume_claim(
                name,
                self.namespace,
                {"metadata": {"annotations": {DELETED: now}}},
                _content_type=MERGE_PATCH,
                _request_timeout=self.k8s_api_request_timeout,
            )
        except ApiException as error:
            if error.status == 404:
                return
            self.log.warning(
                "%s was deleted, and the claim %s cannot be marked: %s %s. A later user of this "
                "name would get these files; grant the hub `patch` on persistentvolumeclaims",
                self._log_name, name, error.status, error.reason,
            )  # fmt: skip
        else:
            self.log.info("%s was deleted; the claim %s remains", self._log_name, name)

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
