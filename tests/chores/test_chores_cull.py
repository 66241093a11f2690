"""`z2jh cull explain`: rules, times and activity, also with a real hub and culler."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.clusters import Cluster
from support.command import Z2JH
from support.fixtures import cluster, proxy_api, start_hub
from support.hubs import Hub, wait_until

from z2jh_hub.chores.cull import kernels
from z2jh_hub.config.values import Values
from z2jh_hub.hub.culling import processes
from z2jh_hub.hub.culling.forecast import first, forecast_account, forecast_servers
from z2jh_hub.hub.culling.settings import (
    Culler,
    api_url,
    is_culler,
    of_values,
    parse,
    same_hub,
)

__all__ = ["cluster", "proxy_api", "start_hub"]

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
OURS = f"http://pretended-{os.getpid()}"  # another worker runs the same test at the same time


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def model(*, admin: bool = False, **servers: tuple[float, float]) -> dict[str, Any]:
    """Return a user with servers: name (`_`: default) and minutes since start and activity."""
    return {
        "admin": admin,
        "created": at(-10_000).isoformat(),
        "last_activity": at(-5).isoformat(),
        "servers": {
            name.strip("_"): {"started": at(-a).isoformat(), "last_activity": at(-b).isoformat()}
            for name, (a, b) in servers.items()
        },
    }


@pytest.mark.parametrize(
    ("words", "result"),
    [
        ([], Culler()),
        (["--timeout=60", "--cull-every=7"], Culler(timeout=60, cull_every=7)),
        (["--timeout", "60", "--cull-users"], Culler(timeout=60, cull_users=True)),
        (["--cull-named-servers=false"], Culler(cull_named_servers=False)),
        (["--IdleCuller.max_age=9", "--url=u"], Culler(max_age=9, url="u")),
        (["--concurrency=3", "--config=c.py"], Culler(concurrency=3, config="c.py")),
    ],
)
def test_command_line_is_parsed(words: list[str], result: Culler) -> None:
    assert parse(["python3", "-m", "jupyterhub_idle_culler", *words]) == result


def test_defaults_equal_those_of_the_culler() -> None:
    from jupyterhub_idle_culler import IdleCuller

    theirs = IdleCuller()
    for name in ("timeout", "max_age", "cull_users", "cull_admin_users"):
        assert getattr(Culler(), name) == getattr(theirs, name), name
    for name in ("cull_named_servers", "cull_default_servers"):
        assert getattr(Culler(), name) == getattr(theirs, name), name
    assert Culler().every == theirs.cull_every


@pytest.mark.parametrize(
    ("words", "is_one"),
    [
        (["python3", "-m", "jupyterhub_idle_culler", "--timeout=3"], True),
        (["/usr/bin/python3", "/usr/local/bin/jupyterhub-idle-culler"], True),
        (["sh", "-c", "python3 -m jupyterhub_idle_culler"], False),
        (["grep", "jupyterhub_idle_culler"], False),
    ],
)
def test_culler_is_recognized_by_its_command_line(words: list[str], is_one: bool) -> None:
    assert is_culler(words) is is_one


@pytest.mark.parametrize(
    "url", ["http://h/x", "http://h/x/", "http://h/x/hub", "http://h/x/hub/api/"]
)
def test_url_of_a_hub_or_of_its_api_is_accepted(url: str) -> None:
    assert api_url(url) == "http://h/x/hub/api"
    assert same_hub("http://localhost:1/hub/api", "http://127.0.0.1:1")


def test_values_configure_the_culler() -> None:
    (culler,) = of_values(Values({"cull": {"enabled": True, "timeout": 90, "maxAge": 7}}))
    assert (culler.timeout, culler.max_age, culler.started) == (90, 7, None)
    assert of_values(Values({"cull": {"enabled": False}})) == []


@pytest.mark.parametrize(
    ("culler", "server", "rule", "due", "latest"),
    [
        # the culler checks every 10 minutes, at 11:56 and so on
        (Culler(3600, 600, started=at(-14)), (120, 30), "idle", 30, 36),
        (Culler(3600, 600, started=at(-14)), (120, 90), "idle", -30, 6),
        (Culler(3600, 600, 10_800, started=at(-14)), (170, 30), "age", 10, 16),
        (Culler(3600, 600, 10_800, started=at(-14)), (30, 30), "idle", 30, 36),
        (Culler(3600, 600), (120, 30), "idle", 30, 40),
        (Culler(3600, 600, 7200, cull_default_servers=False), (60, 50), "age", 60, 70),
    ],
)
def test_first_rule_and_its_time(
    culler: Culler, server: tuple[float, float], rule: str, due: float, latest: float
) -> None:
    (result,) = forecast_servers(model(_=server), [culler], NOON)
    assert result.first.rule == rule
    assert (result.first.due, result.first.latest) == (at(due), at(latest))


@pytest.mark.parametrize(
    ("options", "name", "never"),
    [
        ({"cull_default_servers": False}, "_", "default servers are not culled"),
        ({"cull_named_servers": False}, "gpu", "named servers are not culled"),
    ],
)
def test_rule_that_is_off_never_applies(options: dict[str, bool], name: str, never: str) -> None:
    (result,) = forecast_servers(model(**{name: (9, 9)}), [Culler(3600, 600, **options)], NOON)
    assert never in result.first.never
    assert result.first.latest is None


def test_nothing_is_culled_without_a_culler() -> None:
    (result,) = forecast_servers(model(_=(9, 9)), [], NOON)
    assert "no culler" in result.first.never
    assert "no culler" in first([]).never


@pytest.mark.parametrize(
    ("options", "user", "never", "due"),
    [
        ({}, model(), "accounts are not deleted", None),
        ({"cull_users": True}, model(), "", 55),
        ({"cull_users": True}, model(_=(90, 1)), "", 60),
        (
            {"cull_users": True, "cull_admin_users": False},
            model(admin=True),
            "administrators",
            None,
        ),
        (
            {"cull_users": True, "cull_default_servers": False},
            model(_=(90, 1)),
            "a server that is not culled",
            None,
        ),
    ],
)
def test_account_is_deleted_after_its_servers(
    options: dict[str, bool], user: dict[str, Any], never: str, due: float | None
) -> None:
    culler = Culler(3600, 600, started=NOON, **options)
    result = forecast_account(user, [culler], NOON)
    assert never in result.never
    assert result.due == (None if due is None else at(due))


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (
            {
                "singleuser": {
                    "extraFiles": {
                        "cull": {"data": {"MappingKernelManager": {"cull_idle_timeout": 1200}}}
                    }
                }
            },
            ["MappingKernelManager.cull_idle_timeout=1200@singleuser.extraFiles.cull.data"],
        ),
        (
            {
                "singleuser": {
                    "extraFiles": {
                        "a": {"stringData": "c.ServerApp.shutdown_no_activity_timeout = 600\n"},
                        "b": {"stringData": '{"TerminalManager": {"cull_inactive_timeout": 9}}'},
                    }
                }
            },
            [
                "ServerApp.shutdown_no_activity_timeout=600@singleuser.extraFiles.a.stringData",
                "TerminalManager.cull_inactive_timeout=9@singleuser.extraFiles.b.stringData",
            ],
        ),
        (
            {
                "hub": {
                    "config": {"KubeSpawner": {"args": ["--MappingKernelManager.cull_busy=True"]}}
                }
            },
            ["MappingKernelManager.cull_busy=True@hub.config.KubeSpawner.args"],
        ),
        (
            {"singleuser": {"cmd": ["x", "--MappingKernelManager.cull_interval=5"]}},
            ["MappingKernelManager.cull_interval=5@singleuser.cmd"],
        ),
        (
            {"hub": {"extraConfig": {"k": "c.Spawner.args = ['--A.cull_connected=True']"}}},
            ["A.cull_connected=True@hub.extraConfig.k"],
        ),
        ({"cull": {"timeout": 5}}, []),
    ],
)
def test_settings_of_jupyter_server_are_reported(values: dict[str, Any], names: list[str]) -> None:
    result = kernels.settings_inside(Values(values))
    assert [f"{each.name}={each.value}@{each.where}" for each in result] == names


TOKEN_OF_THE_CULLER = "the-cullers-own"


@contextmanager
def process_like_a_culler() -> Iterator[subprocess.Popen[bytes]]:
    """Run a process with the command line of a culler, and a token in its environment."""
    wait = "import sys; print(flush=True); sys.stdin.read()"
    words = [sys.executable, "-c", wait, "-m", "jupyterhub_idle_culler", f"--url={OURS}"]
    environment = {**os.environ, "JUPYTERHUB_API_TOKEN": TOKEN_OF_THE_CULLER}
    pipe = subprocess.PIPE
    process = subprocess.Popen(words, env=environment, stdin=pipe, stdout=pipe)
    with process:
        assert process.stdout
        process.stdout.readline()
        yield process
        process.communicate()


@pytest.mark.parametrize("platform", ["_linux", "_elsewhere"])
def test_running_culler_is_found_without_its_token(
    platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = datetime.now(UTC)
    if platform == "_elsewhere":
        monkeypatch.setattr(processes, "PROC", Path("/nowhere"))
    with process_like_a_culler():
        (result,) = (each for each in processes.cullers() if each.url == OURS)
    assert TOKEN_OF_THE_CULLER not in repr(result)
    assert result.started is not None
    # Linux counts in hundredths of a second
    assert abs(result.started - before) < timedelta(seconds=30)


def explain(
    hub: Hub | None, *arguments: str, root: Path | str = "/nowhere"
) -> tuple[int, str, str]:
    """Run `z2jh cull explain`; return its exit code, stdout and stderr."""
    where = ["--hub-url", hub.url] if hub else []
    done = subprocess.run(
        [Z2JH, "cull", "explain", *where, *arguments],
        text=True,
        capture_output=True,
        env={**os.environ, "Z2JH_CONFIG_ROOT": str(root)},
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


CULLED = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.\d+ .*Culling server ada")


def test_real_culler_stops_the_server_when_forecast(
    start_hub: Any, cluster: Cluster, tmp_path: Path
) -> None:
    timeout, every = 8, 5
    values = {
        "cull": {"enabled": True, "timeout": timeout, "every": every, "namedServers": False},
        "hub": {"allowNamedServers": True},
        "singleuser": {
            "storage": {"type": "none"},
            "extraFiles": {
                "k": {
                    "mountPath": "/etc/jupyter/k.json",
                    "data": {"MappingKernelManager": {"cull_idle_timeout": 60}},
                }
            },
        },
    }
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        root = tmp_path / "mounts"
        hub.api("users/ada", "POST")
        code, _, output = explain(hub, "--user", "ada", root=root)
        assert (code, output.count("no API token: pass --token")) == (1, 1)
        token = ["--token", hub.token]
        code, _, output = explain(hub, "--user", "eve", *token, root=root)
        assert (code, output.count("has no user named eve")) == (1, 1)
        code, output, _ = explain(hub, "--user", "ada", *token, root=root)
        assert (code, output.count("ada has no running server")) == (0, 1)
        for server in ("server", "servers/gpu"):
            hub.api(f"users/ada/{server}", "POST")
            assert hub.progress(f"ada/{server}")[-1].get("ready")

        code, output, errors = explain(hub, "--user", "ada", *token, "--format=json", root=root)
        assert code == 0, errors
        result = json.loads(output)
        default, named = result["servers"]
        assert default["culled"]["key"] == "cull.timeout"
        assert named["culled"]["never"] == "named servers are not culled for being idle"
        assert result["inside"][0]["name"] == "MappingKernelManager.cull_idle_timeout"
        code, output, _ = explain(hub, "--user", "ada", *token, "--server", "gpu", root=root)
        assert "The server gpu of ada is never stopped" in output
        assert "cull.namedServers" in output
        assert "a-token" not in output

        wait_until(lambda: bool(CULLED.search(hub.log.read_text())), hub.process, hub.log)
        culled = datetime.fromisoformat(CULLED.search(hub.log.read_text())[1])  # type: ignore[index]
        due, latest = (
            datetime.fromisoformat(default["culled"][key]).astimezone().replace(tzinfo=None)
            for key in ("due", "latest")
        )
        # the log has whole seconds; a check of the culler may take a while on a busy machine
        assert due - timedelta(seconds=1) <= culled <= latest + timedelta(seconds=every)
        wait_until(
            lambda: list(hub.api("users/ada")[1]["servers"]) == ["gpu"], hub.process, hub.log
        )


def test_values_and_url_replace_a_running_culler(
    start_hub: Any, cluster: Cluster, tmp_path: Path
) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("cull: {enabled: true, timeout: 600, every: 60, maxAge: 900}")
    off = tmp_path / "off.yaml"
    off.write_text("cull: {enabled: false}")
    values = {"singleuser": {"storage": {"type": "none"}}}
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        hub.api("users/ada", "POST")
        hub.api("users/ada/server", "POST")
        assert hub.progress("ada/server")[-1].get("ready")
        token = ["--token", hub.token]
        code, output, errors = explain(hub, "--user", "ada", *token, "-f", str(file))
        assert code == 0, errors
        assert "is stopped within 60 s after" in output
        assert "cull.maxAge            900 s after its start" in output
        code, output, _ = explain(hub, "--user", "ada", *token, "-f", str(off))
        assert (code, output.splitlines()[0]) == (0, "Nothing is culled: cull.enabled is false.")
        code, _, errors = explain(hub, "--user", "ada", "-f", str(file))
        assert (code, errors.count("no API token: pass --token")) == (1, 1)
        code, _, errors = explain(hub, "--user", "ada", "--token", "wrong", "-f", str(file))
        assert (code, errors.count("rejects the token")) == (1, 1)
        code, _, errors = explain(hub, "--user", "ada", *token, "--server", "x", "-f", str(file))
        assert (code, errors.count("no running server named x")) == (1, 1)
    code, _, errors = explain(hub, "--user", "ada", *token, "-f", str(file))
    assert (code, errors.count("does not answer")) == (1, 1)
    code, _, errors = explain(hub, "--user", "ada", *token)
    assert (code, errors.count("pass values files with -f")) == (1, 1)
