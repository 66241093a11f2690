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

# Helm leaves an object with this alone when a release that rendered it is upgraded to one
# that does not (https://helm.sh/docs/howto/charts_tips_and_tricks/)
KEEP = ("helm.sh/resource-policy", "keep")
# the keys that came from the values, separated by commas
GIVEN = "hub.jupyter.org/given-secrets"

HEX_BYTES = 32  # of each secret; JupyterHub asks for 32 in cookie_secret and in each key
CONFLICTS = 10  # how often another may be faster

Origin = Literal["given", "made", "kept"]


def make() -> str:
    """Generate a secret: 64 hexadecimal digits, which all of these keys accept."""
    return secrets.token_hex(HEX_BYTES)


def service_key(service: str) -> str:
    """Return the key of the token of `service`."""
    return f"hub.services.{service}.apiToken"


def given_in_folder(folder: Path) -> dict[str, str]:
    """Return {key: value} of a directory with a file per key; an empty value is generated."""
    if not folder.is_dir():
        raise ChoreError(f"{folder} is not there: is the Secret with the given values mounted?")
    files = (file for file in sorted(folder.iterdir()) if not file.name.startswith("."))
    return {file.name: file.read_text("utf-8").rstrip("\n") for file in files}


def given_in_values(values: Mapping[str, Any]) -> dict[str, str]:
    """Return {key: value} of values, as the template `jupyterhub.secrets` does."""
    hub = modernise(values, given=values).data.get("hub") or {}
    config = hub.get("config") or {}

    def trait(name: str, trait: str) -> Any:
        return (config.get(name) or {}).get(trait)

    keys = trait("CryptKeeper", "keys") or ""
    found = {
        AUTH_TOKEN: trait("ConfigurableHTTPProxy", "auth_token") or "",
        COOKIE_SECRET: trait("JupyterHub", "cookie_secret") or "",
        CRYPT_KEYS: ";".join(keys) if isinstance(keys, list) else keys,
    }
    for name, service in (hub.get("services") or {}).items():
        service = service or {}
        found[service_key(name)] = service.get("apiToken") or service.get("api_token") or ""
    return found


def complete(given: Mapping[str, str], there: Mapping[str, str]) -> dict[str, tuple[str, Origin]]:
    """Return the value and origin of each key: given, existing or generated."""
    found: dict[str, tuple[str, Origin]] = {}
    for key, value in given.items():
        if value:
            found[key] = value, "given"
        elif there.get(key):
            found[key] = there[key], "kept"
        else:
            found[key] = make(), "made"
    return found


async def ensure(
    kubernetes: Kubernetes, name: str, given: Mapping[str, str], labels: Mapping[str, str]
) -> dict[str, Origin]:
    """Write every key of `given` to the Secret `name`. Return the origin of each value.

    What the Secret holds besides stays. `labels` are those of a Secret that is made.
    """
    for _ in range(CONFLICTS):
        there = await kubernetes.find(_path(kubernetes, name))
        before = there or _new(name, labels)
        after, origins = _completed(before, given)
        if there and after == before:
            return origins
        try:
            if there:
                await kubernetes.replace(_path(kubernetes, name), after)
            else:
                await kubernetes.create(_path(kubernetes), after)
        except ApiError as error:
            if error.status != 409:
                raise
        else:
            return origins
    raise ChoreError(f"the Secret {name} is changed by others all the time")


def _completed(
    secret: Mapping[str, Any], given: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Origin]]:
    after = deepcopy(dict(secret))
    found = complete(given, _decoded(secret))
    after["data"] = {**(after.get("data") or {}), **_encoded({k: v for k, (v, _) in found.items()})}
    origins = {key: origin for key, (_, origin) in found.items()}
    annotations = after["metadata"].setdefault("annotations", {})
    annotations[KEEP[0]] = KEEP[1]
    annotations[GIVEN] = ",".join(sorted(key for key, o in origins.items() if o == "given"))
    return after, origins


def manifest(name: str, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the manifest of a Secret with every key of `given`, to be sealed."""
    secret = _new(name, {})
    secret["metadata"].pop("labels")
    secret["stringData"] = {key: value for key, (value, _) in complete(given, {}).items()}
    return secret


async def rotate(kubernetes: Kubernetes, name: str, key: str, forget: bool = False) -> None:
    """Replace `key` in the Secret `name` with a new value.

    Of encryption keys the old ones stay, after the new one, so that what they encrypted can
    be read; `forget` makes no new one, and drops all but the first.
    """
    for _ in range(CONFLICTS):
        secret = await kubernetes.find(_path(kubernetes, name))
        if secret is None:
            raise ChoreError(f"there is no Secret {name} in namespace {kubernetes.namespace}")
        _refuse_given(secret, key)
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
    raise ChoreError(f"the Secret {name} is changed by others all the time")


def _rotated(key: str, old: str, forget: bool) -> str:
    if key != CRYPT_KEYS:
        return make()
    keys = [part for part in old.split(";") if part]
    return keys[0] if forget and keys else ";".join([make(), *keys])


def _refuse_given(secret: Mapping[str, Any], key: str) -> None:
    given = ((secret["metadata"].get("annotations") or {}).get(GIVEN) or "").split(",")
    if key in given:
        raise ChoreError(
            f"{key} is given in the values, and an upgrade would put that back: change it there"
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
