"""`singleuser.cloudMetadata.*`: block the cloud metadata server for user pods.

By default, a NetworkPolicy does this. A privileged init container that changes the pod's
firewall is the alternative for clusters that do not enforce policies.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..errors import Problem
from ..keys import ANYTHING, BOOLEAN, MAPPING, TEXT, Key

if TYPE_CHECKING:
    from traitlets.config import Config

    from ..values import Values

KEYS = (
    Key("singleuser.cloudMetadata.blockWithIptables", BOOLEAN),
    Key("singleuser.cloudMetadata.ip", TEXT),
    Key("singleuser.networkTools.image.name", TEXT),
    Key("singleuser.networkTools.image.tag", ANYTHING),
    Key("singleuser.networkTools.resources", MAPPING),
)

CONTAINER = "block-cloud-metadata"


def problems(values: Values) -> Iterator[Problem]:
    """Report an init container that would replace the one that blocks the server."""
    if not values.get("singleuser.cloudMetadata.blockWithIptables"):
        return
    for class_name, traits in _mapping(values, "hub.config").items():
        containers = traits.get("init_containers") if isinstance(traits, dict) else None
        for container in containers if isinstance(containers, list) else ():
            if isinstance(container, dict) and container.get("name") == CONTAINER:
                yield values.problem(
                    f"hub.config.{class_name}.init_containers",
                    "replaces the init container that blocks the cloud metadata server",
                    given=CONTAINER,
                    expected="another name",
                    hint="to allow access, set singleuser.cloudMetadata.blockWithIptables: false",
                )


def _mapping(values: Values, key: str) -> dict[str, Any]:
    value = values.get(key)
    return value if isinstance(value, dict) else {}


def apply(values: Values, c: Config) -> None:
    """Add the init container after the administrator's."""
    if not values.get("singleuser.cloudMetadata.blockWithIptables"):
        return
    tools = values.get("singleuser.networkTools") or {}
    image = tools.get("image") or {}
    rule = "--append OUTPUT --protocol tcp --destination {ip} --destination-port 80 --jump DROP"
    address = values.get("singleuser.cloudMetadata.ip") or "169.254.169.254"
    container = {
        "name": CONTAINER,
        "image": f"{image.get('name')}:{image.get('tag')}",
        "command": ["iptables", *rule.format(ip=address).split()],
        "resources": tools.get("resources") or {},
        "securityContext": {
            "runAsUser": 0,
            "privileged": True,
            "capabilities": {"add": ["NET_ADMIN"]},
        },
    }
    present = c.KubeSpawner.get("init_containers")
    if isinstance(present, dict):
        present[CONTAINER] = container
    else:
        c.KubeSpawner.init_containers = [*(present or []), container]
