"""traefik's store survives a restart of its pod."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

from support.command import Z2JH

from z2jh_hub.chores import acme
from z2jh_hub.chores.kubernetes import Kubernetes

SECRET = "proxy-public-tls-acme"
STORE = json.dumps({"default": {"Certificates": ["c"]}})
Read = Callable[..., Awaitable[dict[str, str]]]


async def test_restored_store_is_readable_only_by_its_owner(
    kubernetes: Kubernetes, tmp_path: Path
) -> None:
    await acme.save(kubernetes, SECRET, "acme.json", STORE.encode(), {"app": "jupyterhub"})
    file = tmp_path / "acme.json"
    assert await acme.load(kubernetes, SECRET, file)
    assert file.read_text() == STORE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(os.listdir(tmp_path)) == ["acme.json", "kubeconfig"]


async def test_load_without_a_saved_store_returns_false(
    kubernetes: Kubernetes, tmp_path: Path
) -> None:
    assert not await acme.load(kubernetes, SECRET, tmp_path / "acme.json")
    assert not (tmp_path / "acme.json").exists()


async def test_other_keys_of_the_secret_stay(kubernetes: Kubernetes, secret: Read) -> None:
    await acme.save(kubernetes, SECRET, "other.json", b"{}", {})
    await acme.save(kubernetes, SECRET, "acme.json", STORE.encode(), {})
    assert await secret(SECRET) == {"other.json": "{}", "acme.json": STORE}


def test_partially_written_store_is_not_saved(tmp_path: Path) -> None:
    file = tmp_path / "acme.json"
    file.write_text(STORE[:10])
    assert acme.complete(file) is None
    file.write_text(STORE)
    assert acme.complete(file) == STORE.encode()


async def test_changes_are_saved_including_one_just_before_the_end(
    kubernetes: Kubernetes, kubeconfig_file: Path, secret: Read, tmp_path: Path
) -> None:
    file = tmp_path / "acme.json"
    file.write_text(STORE)
    command = ["acme", "sync", "watch", "--secret", SECRET]
    process = await asyncio.create_subprocess_exec(
        Z2JH, *command, "--file", str(file),
        env={**os.environ, "KUBECONFIG": str(kubeconfig_file)}, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr
    assert b"saved the certificates" in await process.stderr.readline()
    assert await secret(SECRET) == {"acme.json": STORE}
    # traefik writes once more just before the pod ends
    last = json.dumps({"default": {"Certificates": ["newer"]}})
    file.write_text(last)
    process.send_signal(signal.SIGTERM)
    _, errors = await process.communicate()
    assert (process.returncode, b"Traceback" in errors) == (0, False)
    assert await secret(SECRET) == {"acme.json": last}
