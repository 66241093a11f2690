"""`hub.*`: the hub's URLs, limits and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..keys import BOOLEAN, MAPPING, TEXTS, Key, integer, matching

if TYPE_CHECKING:
    from traitlets.config import Config

    from ..values import Values

KEYS = (
    Key(
        "hub.baseUrl",
        matching(r"/.*", "a path that starts with /", 'for example "/jh/"'),
        "JupyterHub.base_url",
    ),
    Key("hub.concurrentSpawnLimit", integer(0), "JupyterHub.concurrent_spawn_limit"),
    Key("hub.activeServerLimit", integer(0), "JupyterHub.active_server_limit"),
    Key("hub.allowNamedServers", BOOLEAN, "JupyterHub.allow_named_servers"),
    Key("hub.namedServerLimitPerUser", integer(0), "JupyterHub.named_server_limit_per_user"),
    Key("hub.redirectToServer", BOOLEAN, "JupyterHub.redirect_to_server"),
    Key("hub.shutdownOnLogout", BOOLEAN, "JupyterHub.shutdown_on_logout"),
    Key("hub.authenticatePrometheus", BOOLEAN, "JupyterHub.authenticate_prometheus"),
    Key("hub.templatePaths", TEXTS, "JupyterHub.template_paths"),
    Key("hub.templateVars", MAPPING, "JupyterHub.template_vars"),
    Key("hub.consecutiveFailureLimit", integer(0), "Spawner.consecutive_failure_limit"),
)


def apply(values: Values, c: Config) -> None:
    """Set the URLs of a hub behind Services, and defaults for servers that are pods."""
    hub = c.JupyterHub
    # other sections add to these
    hub.services = []
    hub.load_roles = []
    hub.hub_bind_url = "http://:8081"
    hub.hub_connect_url = f"http://{values.name('hub')}:{values.env('HUB_SERVICE_PORT', '8081')}"
    # pods start slowly and outlive the hub
    hub.tornado_settings = {"slow_spawn_timeout": 0}
    hub.cleanup_servers = False
    hub.last_activity_interval = 60
