"""The spawner: KubeSpawner, and what configuration alone cannot give it.

`Z2JHKubeSpawner` is configured as `c.KubeSpawner.*`. Most deployments set a spawner class of
their own in a snippet; `mix` puts the same additions before whatever KubeSpawner that is.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, cast

from kubespawner import KubeSpawner
from traitlets.utils.importstring import import_item

from .deleted_users import DeletedUsers
from .pod_security import RestrictedServers
from .rescue import RescueServers
from .resilience import SteadyWatches

if TYPE_CHECKING:
    from traitlets.config import Config

# what JupyterHub and deployments call plain KubeSpawner
PLAIN = ("kubespawner.KubeSpawner", "kubespawner.spawner.KubeSpawner", "kubespawner")


class Z2JHKubeSpawner(RescueServers, DeletedUsers, SteadyWatches, RestrictedServers):
    """KubeSpawner with profiles by group, quotas, safe homes, rescue servers, and starts that say
    why they fail.

    Its pods are restricted by default, and it outlives a Kubernetes that does not answer.
    """


def mix(c: Config) -> None:
    """Put the additions before the spawner class in use, where that is a KubeSpawner.

    A name that cannot be imported is left for JupyterHub to tell.
    """
    given = c.JupyterHub.get("spawner_class")
    if given is KubeSpawner or (isinstance(given, str) and given in PLAIN):
        c.JupyterHub.spawner_class = f"{__package__}.{Z2JHKubeSpawner.__name__}"
        _drop_second_name(c)
        return
    found = _imported(given) if isinstance(given, str) else given
    if isinstance(found, type) and issubclass(found, KubeSpawner):
        c.JupyterHub.spawner_class = mixed(found)
        _drop_second_name(c)


def _drop_second_name(c: Config) -> None:
    """Leave the environment under the name that KubeSpawner reads last (`sections.singleuser`)."""
    if "environment" in c.KubeSpawner and c.Spawner.get("environment") is c.KubeSpawner.environment:
        del c.Spawner["environment"]


def mixed(cls: type[KubeSpawner]) -> type[Z2JHKubeSpawner]:
    """`cls` with the additions in front of it, under its own name, so that `c.<its name>` holds."""
    if issubclass(cls, Z2JHKubeSpawner):
        return cls
    made = type(cls.__name__, (Z2JHKubeSpawner, cls), {"__module__": cls.__module__})
    return cast(type[Z2JHKubeSpawner], made)


def _imported(name: str) -> Any:
    found = entry_points(group="jupyterhub.spawners", name=name)
    try:
        return next(iter(found)).load() if found else import_item(name)
    except (ImportError, AttributeError):
        return None
