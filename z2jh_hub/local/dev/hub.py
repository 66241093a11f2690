"""The hub of `z2jh dev`: its values, mounts, command line and environment.

The values, sections and snippets are those of a hub in a cluster. Only `command` (addresses) and
`environment` (the API, variables of Services) differ.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...config.errors import Problem
from ...config.paths import DEFAULT_ROOT
from ...config.values import Values, from_files
from ...sandbox import mounts as hub_mounts
from ..kubelet.environment import search_path
from ..state import write_private
from .layout import HOST, Layout, Ports

NAMESPACE = "default"

# the same as images/hub/jupyterhub_config.py
CONFIG_FILE = """\
from z2jh_hub.configure import configure

configure(c)  # noqa: F821
"""
PROXY_TOKEN = "hub.config.ConfigurableHTTPProxy.auth_token"

# variables of a cluster or a user server, which would mislead the hub
FOREIGN_VARIABLES = ("KUBERNETES_", "JUPYTERHUB_", "JPY_", "CONFIGPROXY_", "Z2JH_")
DATABASES_HERE = ("sqlite-pvc", "sqlite-memory")


def values_for(files: Sequence[Path], layout: Layout, ports: Ports) -> Values:
    """Read the values files; add the missing secrets and the ports of this machine."""
    values = from_files(files)
    made = [key for key, others in hub_mounts.MADE if not any(map(values.has, (key, *others)))]
    services = values.get("hub.services")
    for name, service in services.items() if isinstance(services, dict) else ():
        if not (
            isinstance(service, dict) and (service.get("apiToken") or service.get("api_token"))
        ):
            made.append(f"hub.services.{name}.apiToken")
    environ = {
        "HUB_SERVICE_PORT": str(ports.hub),
        "PROXY_API_SERVICE_PORT": str(ports.proxy_api),
        "POD_NAMESPACE": NAMESPACE,
        **{f"{name}_SERVICE_HOST": HOST for name in ("HUB", "PROXY_API", "PROXY_PUBLIC")},
    }
    secrets = {key: layout.secret(key) for key in made}
    return from_files(files, environ=environ, secrets=secrets)


def proxy_token(values: Values) -> str:
    """Return the token of the proxy API."""
    token = values.secret(PROXY_TOKEN) or values.get(PROXY_TOKEN) or values.get("proxy.secretToken")
    return str(token)


def write_mounts(values: Values, layout: Layout) -> None:
    """Replace the mounts of the hub."""
    shutil.rmtree(layout.mounts, ignore_errors=True)
    files = {**hub_mounts.of(values), "jupyterhub_config.py": CONFIG_FILE}
    for name, text in files.items():
        write_private(layout.mounts / name, text)


def write_values(values: Values, layout: Layout) -> None:
    """Replace the mounted values of a running hub atomically, as Kubernetes does."""
    write_private(layout.mounts / hub_mounts.VALUES, hub_mounts.of(values)[hub_mounts.VALUES])


def make_claims(values: Values, layout: Layout) -> None:
    """Create directories for claims that the administrator would create in a cluster."""
    for name in _named_claims(values):
        (layout.state.claims / NAMESPACE / name).mkdir(parents=True, exist_ok=True, mode=0o700)


def _named_claims(values: Values) -> Iterator[str]:
    storage = values.get("singleuser.storage") or {}
    if storage.get("type") == "static":
        yield str(values.get("singleuser.storage.static.pvcName"))
    volumes = storage.get("extraVolumes") or []
    for volume in volumes.values() if isinstance(volumes, dict) else volumes:
        name = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        if name and "{" not in name:  # claims per user are created by the hub
            yield name


def command(values: Values, layout: Layout, ports: Ports) -> list[str]:
    """Return the command line of the hub. Its options override all files."""
    here = f"http://{HOST}:{ports.hub}"
    options = {
        "JupyterHub.hub_bind_url": here,
        "JupyterHub.hub_connect_url": here,
        "ConfigurableHTTPProxy.api_url": f"http://{HOST}:{ports.proxy_api}",
    }
    if values.get("hub.db.type") not in DATABASES_HERE:
        options["JupyterHub.db_url"] = "sqlite:///jupyterhub.sqlite"
    file = layout.mounts / "jupyterhub_config.py"
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "z2jh_hub.hub", f"--config={file}", *flags]


def environment(values: Values, layout: Layout) -> dict[str, str]:
    """Return the environment of the hub."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN_VARIABLES)}
    pod = hub_mounts.environment(values)
    return {
        **own,
        **{name: value for name, value in pod.items() if name not in _elsewhere(values)},
        "PATH": search_path(),
        "Z2JH_CONFIG_ROOT": str(layout.mounts),
        "KUBECONFIG": str(layout.state.kubeconfig),
        "CONFIGPROXY_AUTH_TOKEN": proxy_token(values),
        "NO_PROXY": ",".join(filter(None, [os.environ.get("NO_PROXY"), "localhost,127.0.0.0/8"])),
        "PYTHONUNBUFFERED": "1",
    }


def _elsewhere(values: Values) -> set[str]:
    """Return the variables of `hub.extraEnv` that refer to an object in the cluster."""
    variables = values.get("hub.extraEnv")
    items = variables.items() if isinstance(variables, dict) else ()
    named = [(item.get("name"), item) for item in variables or () if isinstance(item, dict)]
    return {
        str(name)
        for name, value in [*items, *named]
        if isinstance(value, dict) and "valueFrom" in value
    }


def base_url(values: Values) -> str:
    """Return the base URL in the values. A snippet may set another one."""
    url = values.get("hub.config.JupyterHub.base_url") or values.get("hub.baseUrl") or "/"
    return "/" + f"{url}/".lstrip("/").replace("//", "/")


def image_rules(values: Values) -> list[str]:
    """Return `custom.dev.images` as PATTERN=COMMAND rules."""
    images: Mapping[str, Any] = values.get("custom.dev.images") or {}
    return [
        f"{pattern}={command if isinstance(command, str) else shlex.join(command)}"
        for pattern, command in images.items()
    ]


def image_problems(values: Values) -> Iterator[Problem]:
    """Find entries of `custom.dev.images` that are not commands."""
    key = "custom.dev.images"
    expected = "a map of image patterns to commands, such as `rocker/*: rserver --port {port}`"
    images = values.get(key)
    if images is not None and not isinstance(images, dict):
        yield values.problem(key, "not a map", expected=expected)
    for pattern, command in images.items() if isinstance(images, dict) else ():
        words = [command] if isinstance(command, str) else command
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            path = ("custom", "dev", "images", pattern)
            yield values.problem(path, "not a command", given=command, expected=expected)


def differences(values: Values) -> Iterator[str]:
    """Describe the values that have no effect on this machine."""
    kind = values.get("hub.db.type")
    if kind not in DATABASES_HERE:
        yield f"hub.db.type is {kind}: the hub keeps its state in SQLite instead"
    if name := values.get("hub.existingSecret"):
        yield f"hub.existingSecret {name} is a Secret of a cluster: it is ignored here"
    for name in sorted(_elsewhere(values)):
        yield f"hub.extraEnv.{name} takes its value from the cluster: it is not set here"
    for path, _, key in hub_mounts.extra_files(values):
        if not path.startswith(f"{DEFAULT_ROOT}/"):
            yield f"{'.'.join(key[:-1])} cannot be mounted at {path} here"
