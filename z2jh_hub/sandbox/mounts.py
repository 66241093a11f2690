"""Derive the hub's mounts and environment from the values, for a hub in the sandbox."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..config.paths import DEFAULT_ROOT

if TYPE_CHECKING:
    from ..config.values import Values

# secrets that the chart generates if they are not set, with a placeholder
PROXY_TOKEN = "hub.config.ConfigurableHTTPProxy.auth_token"
MADE = (
    ("hub.config.JupyterHub.cookie_secret", ("hub.cookieSecret",)),
    ("hub.config.CryptKeeper.keys", ()),
    (PROXY_TOKEN, ("proxy.secretToken",)),
)
DATABASE_PASSWORD = "hub.db.password"
VALUES = "secret/values.yaml"  # path of the values below the mounts
STAND_IN_SECRET = "0" * 64

# Services whose variables Kubernetes sets in the hub pod
_SERVICES = {"hub": 8081, "proxy-api": 8001, "proxy-public": 80}
_POD = {"POD_NAMESPACE": "default", "HELM_RELEASE_NAME": "jupyterhub"}


def of(values: Values) -> dict[str, str]:
    """Return the mounts as {path: text}; every path is relative and stays below the mounts."""
    # YAML does not have JSON's escapes for characters such as emoji
    result = {VALUES: json.dumps(values.get(()), ensure_ascii=False)}
    for file in values.config_files():
        result[f"jupyterhub_config.d/{file.name}"] = file.read_text("utf-8")
    for path, text, _ in extra_files(values):
        if path.startswith(f"{DEFAULT_ROOT}/"):
            result[path.removeprefix(f"{DEFAULT_ROOT}/")] = text
    result.update({f"secret/{key}": text for key, text in _secrets(values)})
    result.update({f"config/{key}": name for key, name in names(values).items()})
    # a service may be named "../../../etc/cron.d/x", and the files are written by this process
    return {path: text for path, text in result.items() if _is_below(path)}


def _is_below(path: str) -> bool:
    """Return whether `path`, relative to a directory, names a file in or below it."""
    return "\0" not in path and not {"", ".", ".."}.intersection(path.split("/"))


def names(values: Values) -> dict[str, str]:
    """Return the names of the chart's objects, as its templates render them."""
    release = values.env("HELM_RELEASE_NAME", _POD["HELM_RELEASE_NAME"])
    full = _full_name(values, release)
    prefix = f"{full}-" if full else ""
    result = {name: f"{prefix}{name}" for name in
             ("hub", "proxy-api", "proxy-public", "singleuser", "image-pull-secret")}  # fmt: skip
    result["user-scheduler"] = f"{full or release}-user-scheduler"
    result["priority"] = full or f"{release}-default-priority"
    mounted = {name: values.name(name) for name in result}
    return result | {name: known for name, known in mounted.items() if known != name}


def _full_name(values: Values, release: str) -> str:
    """Return the name that the template `jupyterhub.fullname` renders."""
    given = values.get("fullnameOverride")
    if isinstance(given, str):
        return given
    name = values.get("nameOverride") or "jupyterhub"
    return release if str(name) in release else f"{release}-{name}"


def extra_files(values: Values) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield the text files of `hub.extraFiles`: mount path, text and key."""
    files = values.get("hub.extraFiles")
    for name, file in files.items() if isinstance(files, dict) else ():
        path = file.get("mountPath") if isinstance(file, dict) else None
        text = file.get("stringData") if isinstance(file, dict) else None
        if isinstance(path, str) and isinstance(text, str) and ".." not in path.split("/"):
            # without empty parts, after which the rest would be an absolute path
            yield posixpath.normpath(path), text, ("hub", "extraFiles", name, "stringData")


def _secrets(values: Values) -> Iterator[tuple[str, str]]:
    """Yield the hub's Secret: what the values contain, else a placeholder if it is generated."""
    for key, others in MADE:
        given = (values.get(name) for name in (key, *others))
        yield key, values.secret(key) or _text(next(filter(None, given), STAND_IN_SECRET))
    password = values.secret(DATABASE_PASSWORD) or values.get(DATABASE_PASSWORD)
    if password:
        yield DATABASE_PASSWORD, _text(password)
    services = values.get("hub.services")
    for name, service in services.items() if isinstance(services, dict) else ():
        key = f"hub.services.{name}.apiToken"
        fields = service if isinstance(service, dict) else {}
        given = (fields.get(field) for field in ("apiToken", "api_token"))
        yield key, values.secret(key) or _text(next(filter(None, given), STAND_IN_SECRET))


def _text(secret: Any) -> str:
    """Return the text in the Secret; several keys are separated by semicolons."""
    return ";".join(map(str, secret)) if isinstance(secret, list) else str(secret)


def environment(values: Values) -> dict[str, str]:
    """Return the environment of the hub pod, with placeholders for values from Secrets."""
    result = {name: values.env(name, default) for name, default in _POD.items()}
    token = dict(_secrets(values))[PROXY_TOKEN]
    result["CONFIGPROXY_AUTH_TOKEN"] = values.env("CONFIGPROXY_AUTH_TOKEN", token)
    for service, port in _SERVICES.items():
        host = names(values)[service]
        name = host.upper().replace("-", "_")
        result[f"{name}_SERVICE_HOST"] = values.env(f"{name}_SERVICE_HOST", host)
        result[f"{name}_SERVICE_PORT"] = values.env(f"{name}_SERVICE_PORT", str(port))
    for variable, value in _extra_env(values.get("hub.extraEnv")):
        if not variable or "=" in variable or "\0" in variable:
            continue  # Kubernetes refuses the pod; reported by `check`
        result[variable] = str(value) if isinstance(value, (str, int, float)) else f"({variable})"
    return result


def _extra_env(given: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(given, dict):
        for name, value in given.items():
            yield name, value.get("value") if isinstance(value, dict) else value
    for item in given if isinstance(given, list) else ():
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            yield item["name"], item.get("value")
