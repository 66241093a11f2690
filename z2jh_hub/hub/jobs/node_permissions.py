"""A job that reports if the hub should read the cluster's nodes, but is not allowed to."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from kubernetes_asyncio.client.exceptions import ApiException
from kubespawner.clients import load_config, shared_client

from ...config.errors import MISSING
from ...config.keys import resolved
from ...spawner.kubernetes_api import UNREACHABLE, request_json
from . import background

if TYPE_CHECKING:
    from jupyterhub.app import JupyterHub

log = logging.getLogger(__name__)

EVERY = 3600.0  # seconds between two checks
TIMEOUT = 10.0

REFUSED = (
    "rbac.hub.readNodes is true, but the hub is not allowed to list nodes, so servers that no node "
    "can hold fail late. Grant the permission, or set the value to false. Kubernetes answered: %s"
)


def start() -> None:
    """Register the job for the hub that is being configured."""
    background.start(background.Job("node permissions", EVERY, check))


async def check(hub: JupyterHub) -> None:
    """Log a warning if nodes should be read and Kubernetes refuses it."""

    def trait(name: str) -> Any:
        value = resolved(hub.spawner_class, hub.config, name)
        return None if value is MISSING else value

    if not trait("read_nodes"):
        return
    load_config(  # as KubeSpawner does
        host=trait("k8s_api_host"),
        ssl_ca_cert=trait("k8s_api_ssl_ca_cert"),
        verify_ssl=trait("k8s_api_verify_ssl"),
    )
    try:
        await request_json(shared_client("CoreV1Api").list_node, timeout=TIMEOUT, limit=1)
    except ApiException as error:
        if error.status in (401, 403):
            log.warning(REFUSED, error.reason)
    except UNREACHABLE:
        pass  # the watchdog reports an API that does not answer
