"""Create and rotate the secrets in the Secret `hub`."""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Literal

from ..config.legacy import modernise
from . import ChoreError
from .kubernetes import ApiError, Kubernetes

AUTH_TOKEN = "hub.config.ConfigurableHTTPProxy.auth_token"
COOKIE_SECRET = "hub.config.JupyterHub.cookie_secret"
CRYPT_KEYS = "hub.config.CryptKeeper.keys"

# Helm does not delete an object with this annotation when an upgrade no longer renders it
# (https://helm.sh/docs/howto/charts_tips_and_tricks/)
KEEP = ("helm.sh/resource-policy", "keep")
# the keys that came from the values, separated by commas
GIVEN = "hub.jupyter.org/given-secrets"

BYTES = 32  # length of each secret; JupyterHub requires 32 for cookie_secret and for each key
CONFLICTS = 10  # attempts to write, since other clients may write at the same time

Origin = Literal["given", "made", "kept"]


def make() -> str:
    """Generate a secret of 64 hexadecimal digits, a format that all keys accept."""
    return secrets.token_hex(BYTES)


def service_key(service: str) -> str:
    """Return the key of the API token of `service`."""
    return f"hub.services.{service}.apiToken"


def read_folder(folder: Path) -> dict[str, str]:
    """Return {key: value} of a directory with one file per key. Empty values mean: generate."""
    if not folder.is_dir():
        raise ChoreError(f"{folder} does not exist; mount the Secret with the configured values")
    files = (file for file in sorted(folder.iterdir()) if not file.name.startswith("."))
    return {file.name: file.read_text("utf-8").rstrip("\n") for file in files}


def read_values(values: Mapping[str, Any]) -> dict[str, str]:
    """Return {key: value} of the values, like the template `jupyterhub.secrets`."""
    hub = modernise(values, values).data.get("hub") or {}
    config = hub.get("config") or {}

    def trait(name: str, trait: str) -> Any:
        return (config.get(name) or {}).get(trait)

    keys = trait("CryptKeeper", "keys") or ""
    configured = {
        AUTH_TOKEN: trait("ConfigurableHTTPProxy", "auth_token") or "",
        COOKIE_SECRET: trait("JupyterHub", "cookie_secret") or "",
        CRYPT_KEYS: ";".join(keys) if isinstance(keys, list) else keys,
    }
    for name, service in (hub.get("services") or {}).items():
        service = service or {}
        configured[service_key(name)] = service.get("apiToken") or service.get("api_token") or ""
    return configured


def complete(
    configured: Mapping[str, str], existing: Mapping[str, str]
) -> dict[str, tuple[str, Origin]]:
    """Return the value and origin of each key: from the values, existing or generated."""
    secret: dict[str, tuple[str, Origin]] = {}
    for key, value in configured.items():
        if value:
            secret[key] = value, "given"
        elif existing.get(key):
            secret[key] = existing[key], "kept"
        else:
            secret[key] = make(), "made"
    return secret


async def ensure(
    kubernetes: Kubernetes, name: str, configured: Mapping[str, str], labels: Mapping[str, str]
) -> dict[str, Origin]:
    """Write every key of `configured` to the Secret `name`. Return the origin of each value.

    Other keys of the Secret stay. A new Secret gets `labels`.
    """
    for _ in range(CONFLICTS):
        existing = await kubernetes.find(_path(kubernetes, name))
        before = existing or _new(name, labels)
        after, origins = _completed(before, configured)
        if existing and after == before:
            return origins
        try:
            if existing:
                await kubernetes.replace(_path(kubernetes, name), after)
            else:
                await kubernetes.create(_path(kubernetes), after)
        except ApiError as error:
            if error.status != 409:
                raise
        else:
            return origins
    raise ChoreError(f"the Secret {name} keeps changing; try again")


def _completed(
    secret: Mapping[str, Any], configured: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Origin]]:
    after = deepcopy(dict(secret))
    completed = complete(configured, _decoded(secret))
    values = {key: value for key, (value, _) in completed.items()}
    after["data"] = {**(after.get("data") or {}), **_encoded(values)}
    origins = {key: origin for key, (_, origin) in completed.items()}
    annotations = after["metadata"].setdefault("annotations", {})
    annotations[KEEP[0]] = KEEP[1]
    annotations[GIVEN] = ",".join(sorted(key for key, o in origins.items() if o == "given"))
    return after, origins


def manifest(name: str, configured: Mapping[str, str]) -> dict[str, Any]:
    """Return the manifest of a Secret with every key of `configured`, for sealing."""
    secret = _new(name, {})
    secret["metadata"].pop("labels")
    secret["stringData"] = {key: value for key, (value, _) in complete(configured, {}).items()}
    return secret


async def rotate(kubernetes: Kubernetes, name: str, key: str, forget: bool = False) -> None:
    """Replace `key` in the Secret `name` with a new value.

    A new encryption key is put before the old ones, which can still decrypt existing data.
    `forget` adds no key, and removes all but the first.
    """
    for _ in range(CONFLICTS):
        secret = await kubernetes.find(_path(kubernetes, name))
        if secret is None:
            raise ChoreError(f"there is no Secret {name} in namespace {kubernetes.namespace}")
        _refuse_configured(secret, key)
        old = _decoded(secret).get(key)
        if old is None:
            raise ChoreError(f"the Secret {name} has no {key}; it has {_listed(secret)}")
        secret["data"].update(_encoded({key: _rotated(key, old, forget)}))
        try:
            await kubernetes.replace(_path(kubernetes, name), secret)
        except ApiError as error:
            if error.status != 409:
                raise
        else:
            return
    raise ChoreError(f"the Secret {name} keeps changing; try again")


def _rotated(key: str, old: str, forget: bool) -> str:
    if key != CRYPT_KEYS:
        return make()
    keys = [part for part in old.split(";") if part]
    return keys[0] if forget and keys else ";".join([make(), *keys])


def _refuse_configured(secret: Mapping[str, Any], key: str) -> None:
    configured = ((secret["metadata"].get("annotations") or {}).get(GIVEN) or "").split(",")
    if key in configured:
        raise ChoreError(
            f"{key} is set in the values, and an upgrade would restore that value: change it there"
        )


def _listed(secret: Mapping[str, Any]) -> str:
    keys: Iterable[str] = (key for key in secret.get("data") or {} if key.startswith("hub."))
    return ", ".join(sorted(keys)) or "nothing"


def _path(kubernetes: Kubernetes, name: str = "") -> str:
    collection = f"/api/v1/namespaces/{kubernetes.namespace}/secrets"
    return f"{collection}/{name}" if name else collection


def _new(name: str, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "labels": dict(labels)},
        "type": "Opaque",
    }


def _decoded(secret: Mapping[str, Any]) -> dict[str, str]:
    data = secret.get("data") or {}
    return {key: b64decode(value).decode("utf-8", "replace") for key, value in data.items()}


def _encoded(data: Mapping[str, str]) -> dict[str, str]:
    return {key: b64encode(value.encode()).decode() for key, value in data.items()}
