"""Keep traefik's ACME store, a file, in a Secret, so that new pods reuse the certificates.

Otherwise each new pod would request new ones, and Let's Encrypt limits them per week.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import ChoreError
from .kubernetes import ApiError, Kubernetes

log = logging.getLogger(__name__)

MODE = 0o600  # traefik refuses a store that others may read
POLL_SECONDS = 5.0


async def load(kubernetes: Kubernetes, secret: str, file: Path) -> bool:
    """Write the store in the Secret `secret` to `file`. Return False if it is not saved yet.

    The key of the Secret is the file's name.
    """
    stored = await _stored(kubernetes, secret, file.name)
    if stored is None:
        return False
    _write(file, stored)
    return True


async def watch(
    kubernetes: Kubernetes,
    secret: str,
    file: Path,
    labels: Mapping[str, str],
    poll: float = POLL_SECONDS,
) -> None:
    """Save `file` to the Secret `secret` on each change until cancelled, and then once more.

    Failures are logged and retried; the certificates in use do not depend on the Secret.
    """
    saved = await _stored(kubernetes, secret, file.name)
    while True:
        try:
            await asyncio.sleep(poll)
            saved = await _save_if_changed(kubernetes, secret, file, labels, saved)
        except asyncio.CancelledError:
            await _save_if_changed(kubernetes, secret, file, labels, saved)
            return


async def _save_if_changed(
    kubernetes: Kubernetes,
    secret: str,
    file: Path,
    labels: Mapping[str, str],
    saved: bytes | None,
) -> bytes | None:
    content = complete(file)
    if content is None or content == saved:
        return saved
    try:
        await save(kubernetes, secret, file.name, content, labels)
    except ChoreError as error:
        log.error("the certificates could not be saved: %s", error)
        return saved
    log.info("saved the certificates in the Secret %s", secret)
    return content


def complete(file: Path) -> bytes | None:
    """Return the content of the file; None if it is missing or only partially written."""
    try:
        content = file.read_bytes()
        json.loads(content)
    except (FileNotFoundError, ValueError):
        return None
    return content


async def save(
    kubernetes: Kubernetes, secret: str, key: str, content: bytes, labels: Mapping[str, str]
) -> None:
    """Write `content` to the Secret `secret`, which is created with `labels` if missing."""
    data = {key: b64encode(content).decode()}
    path = _path(kubernetes, secret)
    existing = await kubernetes.find(path)
    try:
        if existing is None:
            await kubernetes.create(path.rpartition("/")[0], _new(secret, data, labels))
        else:
            changed = {**existing, "data": {**(existing.get("data") or {}), **data}}
            await kubernetes.replace(path, changed)
    except ApiError as error:
        if error.status != 409:
            raise
        await save(kubernetes, secret, key, content, labels)


async def _stored(kubernetes: Kubernetes, secret: str, key: str) -> bytes | None:
    existing = await kubernetes.find(_path(kubernetes, secret))
    stored = ((existing or {}).get("data") or {}).get(key)
    return b64decode(stored) if stored else None


def _write(file: Path, content: bytes) -> None:
    """Write the file atomically, readable only by its owner."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            os.fchmod(out.fileno(), MODE)
            out.write(content)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _path(kubernetes: Kubernetes, secret: str) -> str:
    return f"/api/v1/namespaces/{kubernetes.namespace}/secrets/{secret}"


def _new(secret: str, data: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": secret, "labels": dict(labels)},
        "type": "Opaque",
        "data": dict(data),
    }
