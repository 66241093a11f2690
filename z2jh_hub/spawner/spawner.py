"""The spawner class: KubeSpawner with additions that configuration alone cannot make.

`Z2JHKubeSpawner` is configured as `c.KubeSpawner.*`. Most deployments set their own spawner class
in a snippet; `mix` adds the same features to that class, if it is a KubeSpawner.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, cast

from kubespawner import KubeSpawner
from traitlets.utils.importstring import import_item

from .api_outages import SurvivesOutages
from .deleted_users import DeletedUsers
from .home_sizes import RecordedHomeSizes
from .nodes import ComparesNodes
from .pod_security import RestrictedServers
from .start_times import RecordedStarts
from .stops import RecordedStops

if TYPE_CHECKING:
    from traitlets.config import Config

# names under which deployments select KubeSpawner itself
PLAIN = ("kubespawner.KubeSpawner", "kubespawner.spawner.KubeSpawner", "kubespawner")


class Z2JHKubeSpawner(
    ComparesNodes,
    RecordedStarts,
    RecordedStops,
    RecordedHomeSizes,
    DeletedUsers,
    SurvivesOutages,
    RestrictedServers,
):
    """KubeSpawner with profiles by group, quotas, safe homes, rescue servers and readable failures.

    Its pods are restricted by default, and its servers survive an outage of Kubernetes' API.
    """


def mix(c: Config) -> None:
    """Add the features to the configured spawner class, if it is a KubeSpawner.

    JupyterHub reports a class that cannot be imported.
    """
    configured = c.JupyterHub.get("spawner_class")
    if configured is KubeSpawner or (isinstance(configured, str) and configured in PLAIN):
        c.JupyterHub.spawner_class = f"{__package__}.{Z2JHKubeSpawner.__name__}"
        _drop_second_name(c)
        return
    cls = _imported(configured) if isinstance(configured, str) else configured
    if isinstance(cls, type) and issubclass(cls, KubeSpawner):
        c.JupyterHub.spawner_class = mixed(cls)
        _drop_second_name(c)


def _drop_second_name(c: Config) -> None:
    """Set the environment only as `c.KubeSpawner.environment`, which overrides `c.Spawner`."""
    if "environment" in c.KubeSpawner and c.Spawner.get("environment") is c.KubeSpawner.environment:
        del c.Spawner["environment"]


def mixed(cls: type[KubeSpawner]) -> type[Z2JHKubeSpawner]:
    """Return `cls` with the additions, under its own name, so that `c.<its name>` still applies."""
    if issubclass(cls, Z2JHKubeSpawner):
        return cls
    subclass = type(cls.__name__, (Z2JHKubeSpawner, cls), {"__module__": cls.__module__})
    return cast(type[Z2JHKubeSpawner], subclass)


def _imported(name: str) -> Any:
    registered = entry_points(group="jupyterhub.spawners", name=name)
    try:
        return next(iter(registered)).load() if registered else import_item(name)
    except (ImportError, AttributeError):
        return None
