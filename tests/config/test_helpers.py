"""`import z2jh`: the functions with which snippets read the values."""

from __future__ import annotations

from pathlib import Path

import pytest
from traitlets.config import Config

import z2jh
from z2jh_hub.config import helpers


@pytest.fixture(autouse=True)
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The mounts of a hub; the first call of a function reads them."""
    for name, text in {
        "secret/values.yaml": (
            "custom: {a: {b: [1]}, nothing: null, disabled: false}\n"
            "hub: {extraConfigMap: {old: 1}, uid: 1001, baseUrl: /a/}\n"
        ),
        "existing-secret/values.yaml": "hub: {baseUrl: /b/}\n",
        "secret/only": "chart",
        "secret/both": "chart",
        "existing-secret/both": "mine",
        "config/hub": "my-hub",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("Z2JH_CONFIG_ROOT", str(tmp_path))
    monkeypatch.setattr(helpers, "_current", None)
    return tmp_path


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("custom.a.b", [1]),
        ("custom.a", {"b": [1]}),
        ("custom.old", 1),
        ("custom.disabled", False),
        ("custom.nothing", "default"),
        ("custom.absent", "default"),
        ("custom.a.b.through", "default"),
        ("hub.baseUrl", "/b/"),
        ("hub.containerSecurityContext.runAsUser", 1001),
        ("hub.uid", 1001),
        ("hub.extraConfigMap.old", 1),
    ],
)
def test_get_config(key: str, expected: object) -> None:
    assert z2jh.get_config(key, "default") == expected


def test_the_default_is_none() -> None:
    assert z2jh.get_config("custom.absent") is None


def test_get_config_returns_a_copy() -> None:
    z2jh.get_config("custom.a")["b"].append(2)
    assert z2jh.get_config("custom.a.b") == [1]


@pytest.mark.parametrize(("key", "expected"), [("only", "chart"), ("both", "mine")])
def test_get_secret_value(key: str, expected: str) -> None:
    assert z2jh.get_secret_value(key) == expected
    assert z2jh.get_secret_value("absent", None) is None


def test_missing_secret_raises() -> None:
    with pytest.raises(KeyError, match=r"absent is neither in the hub's Secret"):
        z2jh.get_secret_value("absent")


def test_get_name() -> None:
    assert z2jh.get_name("hub") == "my-hub"
    assert z2jh.get_name("proxy-api") == "proxy-api"


def test_get_name_env(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_HUB_SERVICE_PORT", "8081")
    assert z2jh.get_name_env("hub", "_SERVICE_PORT") == "8081"
    with pytest.raises(KeyError, match="PROXY_API is not set"):
        z2jh.get_name_env("proxy-api")


def test_set_config_if_not_none() -> None:
    c = Config()
    z2jh.set_config_if_not_none(c.Spawner, "debug", "custom.disabled")
    z2jh.set_config_if_not_none(c.Spawner, "cmd", "custom.nothing")
    assert c.Spawner == {"debug": False}


def test_all_lists_every_public_function() -> None:
    assert sorted(z2jh.__all__) == [name for name in sorted(vars(z2jh)) if not name.startswith("_")]
