"""`cull.*`: stop idle servers with jupyterhub-idle-culler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..keys import BOOLEAN, Key, integer

if TYPE_CHECKING:
    from traitlets.config import Config

    from ..values import Values

NAME = "jupyterhub-idle-culler"

KEYS = (
    Key("cull.enabled", BOOLEAN),
    Key("cull.users", BOOLEAN),
    Key("cull.adminUsers", BOOLEAN),
    Key("cull.removeNamedServers", BOOLEAN),
    Key("cull.namedServers", BOOLEAN),
    Key("cull.defaultServers", BOOLEAN),
    Key("cull.timeout", integer(0)),
    Key("cull.every", integer(0)),
    Key("cull.concurrency", integer(0)),
    Key("cull.maxAge", integer(0)),
    Key("cull.apiPageSize", integer(0)),
)

# numeric options, omitted if 0 or unset
NUMBERS = (
    ("cull.timeout", "--timeout"),
    ("cull.every", "--cull-every"),
    ("cull.concurrency", "--concurrency"),
    ("cull.apiPageSize", "--api-page-size"),
)
# key, value, and the option that this value adds
SWITCHES = (
    ("cull.users", True, "--cull-users"),
    ("cull.adminUsers", False, "--cull-admin-users=false"),
    ("cull.removeNamedServers", True, "--remove-named-servers"),
    ("cull.namedServers", False, "--cull-named-servers=false"),
    ("cull.defaultServers", False, "--cull-default-servers=false"),
)
SCOPES = ("list:users", "read:users:activity", "read:servers", "delete:servers")


def apply(values: Values, c: Config) -> None:
    """Add the culler as a service of the hub, with a role that has only the scopes it needs."""
    if not values.get("cull.enabled"):
        return
    users = ["admin:users"] if values.get("cull.users") else []
    c.JupyterHub.load_roles.append({"name": NAME, "scopes": [*SCOPES, *users], "services": [NAME]})
    c.JupyterHub.services.append({"name": NAME, "command": command(values)})


def finish(values: Values, c: Config) -> None:
    """Pass the effective base URL to the culler, wherever it was set."""
    base_url = c.JupyterHub.get("base_url", "/")
    for service in c.JupyterHub.services:
        if service.get("name") == NAME and service.get("command") == command(values):
            service["command"][3] = _url(values, base_url)


def command(values: Values) -> list[str]:
    """Return the culler's command line."""
    url = _url(values, values.get("hub.baseUrl") or "/")
    words = ["python3", "-m", "jupyterhub_idle_culler", url]
    words += [f"{option}={int(values.get(key))}" for key, option in NUMBERS if values.get(key)]
    words += [option for key, when, option in SWITCHES if values.get(key) is when]
    if values.get("cull.maxAge"):
        words.append(f"--max-age={int(values.get('cull.maxAge'))}")
    return words


def _url(values: Values, base_url: str) -> str:
    # the culler runs in the hub's pod
    port = values.env("HUB_SERVICE_PORT", "8081")
    parts = (f"http://localhost:{port}", base_url.strip("/"), "hub/api")
    return "--url=" + "/".join(part for part in parts if part)
