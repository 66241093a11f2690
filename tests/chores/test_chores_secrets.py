"""The Secret `hub`: configured, adopted, generated and rotated secrets."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from support.command import Z2JH

from z2jh_hub.chores import ChoreError
from z2jh_hub.chores import secrets as chore
from z2jh_hub.chores.kubernetes import Kubernetes
from z2jh_hub.cli import main
from z2jh_hub.config.sources import parse

Read = Callable[..., Awaitable[dict[str, str]]]
NOTHING = {chore.AUTH_TOKEN: "", chore.COOKIE_SECRET: "", chore.CRYPT_KEYS: ""}


def path(kubernetes: Kubernetes, name: str = "") -> str:
    return f"/api/v1/namespaces/{kubernetes.namespace}/secrets/{name}".rstrip("/")


async def put(kubernetes: Kubernetes, data: dict[str, str], **metadata: Any) -> None:
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hub", **metadata}}
    await kubernetes.create(path(kubernetes), {**body, "stringData": data})


async def test_missing_secrets_are_generated(kubernetes: Kubernetes, secret: Read) -> None:
    configured = {**NOTHING, chore.service_key("grader"): ""}
    origins = await chore.ensure(kubernetes, "hub", configured, {"app": "jupyterhub"})
    made = await secret()
    assert set(origins.values()) == {"made"}
    assert made.keys() == configured.keys()
    assert len(set(made.values())) == 4
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in made.values())
    metadata = (await kubernetes.get(path(kubernetes, "hub")))["metadata"]
    assert metadata["labels"] == {"app": "jupyterhub"}


async def test_generated_secrets_do_not_change(kubernetes: Kubernetes, secret: Read) -> None:
    await chore.ensure(kubernetes, "hub", NOTHING, {})
    before = await kubernetes.get(path(kubernetes, "hub"))
    assert set((await chore.ensure(kubernetes, "hub", NOTHING, {})).values()) == {"kept"}
    assert await kubernetes.get(path(kubernetes, "hub")) == before


async def test_secret_contains_the_configured_values(kubernetes: Kubernetes, secret: Read) -> None:
    await chore.ensure(kubernetes, "hub", NOTHING, {})
    origins = await chore.ensure(kubernetes, "hub", {**NOTHING, chore.AUTH_TOKEN: "mine"}, {})
    assert origins[chore.AUTH_TOKEN] == "given"
    assert (await secret())[chore.AUTH_TOKEN] == "mine"
    # no longer configured: the value stays
    await chore.ensure(kubernetes, "hub", NOTHING, {})
    assert (await secret())[chore.AUTH_TOKEN] == "mine"


async def test_the_public_charts_secret_is_adopted(kubernetes: Kubernetes, secret: Read) -> None:
    left = {
        chore.AUTH_TOKEN: "A" * 64,
        chore.COOKIE_SECRET: "ab" * 32,
        chore.CRYPT_KEYS: "cd" * 32,
        "values.yaml": "hub: {}\n",
    }
    await put(kubernetes, left, labels={"app.kubernetes.io/managed-by": "Helm"})
    configured = {**NOTHING, chore.service_key("new"): ""}
    origins = await chore.ensure(kubernetes, "hub", configured, {})
    after = await secret()
    assert left.items() <= after.items()
    assert origins[chore.service_key("new")] == "made"
    metadata = (await kubernetes.get(path(kubernetes, "hub")))["metadata"]
    assert metadata["annotations"]["helm.sh/resource-policy"] == "keep"
    assert metadata["labels"] == {"app.kubernetes.io/managed-by": "Helm"}


async def test_empty_value_counts_as_missing(kubernetes: Kubernetes, secret: Read) -> None:
    await put(kubernetes, {chore.CRYPT_KEYS: ""})
    await chore.ensure(kubernetes, "hub", NOTHING, {})
    assert len((await secret())[chore.CRYPT_KEYS]) == 64


async def test_concurrent_runs_agree_on_the_secrets(kubernetes: Kubernetes, secret: Read) -> None:
    services = [{**NOTHING, chore.service_key(f"s{n}"): ""} for n in range(5)]
    await asyncio.gather(*(chore.ensure(kubernetes, "hub", each, {}) for each in services))
    first = await secret()
    assert {chore.service_key(f"s{n}") for n in range(5)} <= first.keys()
    await asyncio.gather(*(chore.ensure(kubernetes, "hub", each, {}) for each in services))
    assert await secret() == first


async def test_new_encryption_key_comes_before_the_old_ones(
    kubernetes: Kubernetes, secret: Read
) -> None:
    await put(kubernetes, {chore.CRYPT_KEYS: "old1;old2"})
    await chore.rotate(kubernetes, "hub", chore.CRYPT_KEYS)
    new, *old = (await secret())[chore.CRYPT_KEYS].split(";")
    assert (len(new), old) == (64, ["old1", "old2"])
    await chore.rotate(kubernetes, "hub", chore.CRYPT_KEYS, forget=True)
    assert (await secret())[chore.CRYPT_KEYS] == new


async def test_rotation_rejects_secrets_that_the_values_set(
    kubernetes: Kubernetes, secret: Read
) -> None:
    await chore.ensure(kubernetes, "hub", {**NOTHING, chore.COOKIE_SECRET: "ab" * 32}, {})
    with pytest.raises(ChoreError, match="set in the values"):
        await chore.rotate(kubernetes, "hub", chore.COOKIE_SECRET)
    with pytest.raises(ChoreError, match=r"no hub\.services\.nobody\.apiToken; it has hub\."):
        await chore.rotate(kubernetes, "hub", chore.service_key("nobody"))
    with pytest.raises(ChoreError, match="no Secret other"):
        await chore.rotate(kubernetes, "other", chore.COOKIE_SECRET)
    assert (await secret())[chore.COOKIE_SECRET] == "ab" * 32


async def test_the_command_shows_no_secret(
    kubernetes: Kubernetes, kubeconfig_file: Path, secret: Read, tmp_path: Path
) -> None:
    folder = tmp_path / "configured"
    # the layout of a mounted Secret
    (folder / "..data").mkdir(parents=True)
    for key, value in {**NOTHING, chore.AUTH_TOKEN: "a-given-one"}.items():
        (folder / key).write_text(value)
    command = [Z2JH, "secrets"]

    async def z2jh(*arguments: str) -> str:
        done = await asyncio.to_thread(
            subprocess.run, [*command, *arguments], capture_output=True, text=True,
            env={**os.environ, "KUBECONFIG": str(kubeconfig_file)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    output = await z2jh("ensure", "--given", str(folder), "--label", "app=jupyterhub")
    output += await z2jh("rotate", "cookie_secret")
    output += await z2jh("rotate", "crypt_keys")
    assert "given  hub.config.ConfigurableHTTPProxy.auth_token" in output
    assert "All users are logged out" in output
    assert "kubectl rollout restart deployment/hub" in output
    values = [part for value in (await secret()).values() for part in value.split(";")]
    assert len(values) == 4
    assert not [value for value in values if value in output]


OLD = "hub: {cookieSecret: c}\nproxy: {secretToken: p}\nauth: {state: {cryptoKey: k}}\n"
TODAY = """
hub:
  config:
    JupyterHub: {cookie_secret: c}
    ConfigurableHTTPProxy: {auth_token: p}
    CryptKeeper: {keys: [k]}
"""


@pytest.mark.parametrize("text", [OLD, TODAY], ids=["2018", "today"])
def test_secrets_of_deprecated_and_current_keys_are_read(text: str) -> None:
    result = chore.read_values(parse(text, "f").data)
    expected = {chore.COOKIE_SECRET: "c", chore.AUTH_TOKEN: "p", chore.CRYPT_KEYS: "k"}
    assert result == expected


def test_init_prints_a_secret(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("hub: {services: {grader: {}, other: {apiToken: mine}}}")
    done = CliRunner().invoke(main, ["secrets", "init", "-f", str(file), "--secret", "sealed"])
    printed = yaml.safe_load(done.output)
    assert (printed["kind"], printed["metadata"]["name"]) == ("Secret", "sealed")
    data = printed["stringData"]
    assert data["hub.services.other.apiToken"] == "mine"
    assert len(data.pop("hub.services.grader.apiToken")) == 64
    assert {k for k in data if k.startswith("hub.config")} == set(NOTHING)


def test_init_reports_an_unreadable_file(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["secrets", "init", "-f", str(tmp_path / "none.yaml")])
    assert done.exit_code == 1
    assert "none.yaml" in done.output
    assert "Traceback" not in done.output
