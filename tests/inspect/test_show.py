"""Effective values and traits, and where each was set."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from z2jh_hub.cli.show import show

pytestmark = pytest.mark.processes

VALUES = """\
hub:
  config:
    GitHubOAuthenticator: {client_secret: hunter2hunter2}
    JupyterHub:
      authenticator_class: github
  extraConfig:
    mine: |
      x = 1
      c.KubeSpawner.start_timeout = 601
      c.KubeSpawner.environment["API_TOKEN"] = "hunter3hunter3"
  db: {url: "postgresql://hub:hunter4hunter4@db/hub", type: postgres}
singleuser:
  memory: {limit: 2G}
"""


@pytest.fixture
def shown(tmp_path):
    def shown(*arguments, text=VALUES):
        file = tmp_path / "config.yaml"
        file.write_text(text, "utf-8")
        command = ["-f", str(file), "--format", "json", *arguments]
        result = CliRunner().invoke(show, command)
        assert result.exit_code == 0, result.output
        (settings,) = json.loads(result.output).values()
        return {
            one["name"]: (one["value"], one["source"].replace(str(file), "F")) for one in settings
        }

    return shown


def test_values_are_shown_with_their_lines(shown):
    settings = shown()
    assert settings["singleuser.memory.limit"] == ("2G", "F:13")
    assert settings["singleuser.memory.guarantee"][1] == "the chart"
    assert settings["hub.db.type"] == ("postgres", "F:11")


def test_later_files_and_sets_are_named(shown, tmp_path):
    (tmp_path / "more.yaml").write_text("singleuser: {memory: {limit: 3G}}\n")
    more = ["-f", str(tmp_path / "more.yaml"), "--set", "singleuser.memory.guarantee=1G"]
    settings = shown(*more, "singleuser.memory")
    assert settings == {
        "singleuser.memory.limit": ("3G", f"{tmp_path}/more.yaml:1"),
        "singleuser.memory.guarantee": ("1G", "--set"),
    }


def test_given_omits_defaults(shown):
    assert "singleuser.memory.guarantee" not in shown("--given")


def test_traits_are_shown_with_their_source(shown):
    settings = shown("--traits")
    assert settings["KubeSpawner.start_timeout"] == (601, "hub.extraConfig.mine (F:9)")
    assert settings["KubeSpawner.mem_limit"] == ("2G", "singleuser.memory.limit (F:13)")
    assert settings["JupyterHub.authenticator_class"] == (
        "github", "hub.config.JupyterHub.authenticator_class (F:5)",
    )  # fmt: skip
    assert "F:" not in settings["KubeSpawner.common_labels"][1]


@pytest.mark.parametrize("arguments", [(), ("--traits",)])
def test_no_secret_is_shown(shown, arguments):
    text = json.dumps(shown(*arguments))
    assert "(hidden)" in text
    assert "hunter" not in text


def test_traits_of_a_hub_that_would_not_start_are_not_shown(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("hub: {extraConfig: {x: '1 / 0'}}\n")
    result = CliRunner().invoke(show, ["-f", str(file), "--traits"])
    assert result.exit_code == 2
    assert "ZeroDivisionError" in result.output
