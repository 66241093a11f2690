"""`z2jh migrate`: current keys, the same meaning, and every comment at its key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from traitlets.config import Config

from z2jh_hub import configure
from z2jh_hub.cli import main
from z2jh_hub.config import sources
from z2jh_hub.config.errors import ConfigError
from z2jh_hub.config.legacy import modernise
from z2jh_hub.config.values import from_files
from z2jh_hub.migrate.migrate import migrate

OLD = """\
# Our hub
hub:
  # who runs it
  uid: 1001   # not root
  # the database
  db: {type: sqlite-memory}

  extraConfig: |
    # first
    c.JupyterHub.active_server_limit = 5

  extraConfigMap:
    # a thing
    thing:
      - 1   # one
      - 2
  extraEnv:
    - name: A
      value: "yes"

# who may log in
auth:
  type: github   # the provider
  github:
    clientId: "id"
    # keep this secret
    clientSecret: 'hunter2'   # really
    orgWhitelist:
      - org1
      # the other one
      - org2
  admin:
    users: [ada]

singleuser:
  schedulerStrategy: spread  # all over
  memory:
    limit: 2G # is plenty
proxy:
  nginx: {resources: {}}
  # made with openssl
  secretToken: "deadbeef"
"""

NEW = """\
# Our hub
hub:
  # the database
  db: {type: sqlite-memory}

  extraConfig:
    main: |
      # first
      c.JupyterHub.active_server_limit = 5

  extraEnv:
    A: "yes"
  config:
    JupyterHub:
      # who may log in
      authenticator_class: github   # the provider
    GitHubOAuthenticator:
      client_id: "id"
      # keep this secret
      client_secret: 'hunter2'   # really
      allowed_organizations:
        - org1
        # the other one
        - org2
    Authenticator:
      admin_users: [ada]
    ConfigurableHTTPProxy:
      # made with openssl
      auth_token: "deadbeef"
  containerSecurityContext:
    # who runs it
    runAsUser: 1001   # not root

singleuser:
  memory:
    limit: 2G # is plenty
  extraEnv:
    EMAIL: '{unescaped_username}@local'
    GIT_AUTHOR_NAME: '{unescaped_username}'
    GIT_COMMITTER_NAME: '{unescaped_username}'
custom:
  # a thing
  thing:
    - 1   # one
    - 2
scheduling:
  userScheduler:
    enabled: false  # all over
"""


def config_of(file: Path) -> Config:
    c = Config()
    configure.build(from_files([file]), c)
    return c


def data_of(text: str) -> dict[str, Any]:
    return sources.parse(text, "config.yaml").data


def test_lines_and_comments_move_to_the_current_keys() -> None:
    assert migrate(OLD, "config.yaml").after == NEW


def test_migrated_file_configures_the_hub_the_same(tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(OLD)
    new.write_text(NEW)
    assert config_of(old) == config_of(new)


@pytest.mark.parametrize(
    "text",
    [
        "auth: {type: google, google: {hostedDomain: a.edu, clientId: id}}\n",
        "{auth: {type: lti, lti: {consumers: {k: s}}}, hub: {uid: 5}}\n",
        "auth:\n  type: ldap\n  ldap:\n    server: {address: l}\n    dn:\n      lookup: true\n",
        "auth:\n  type: custom\n  custom:\n    className: a.B\n    config:\n      x: {y: [1]}\n",
        "auth: {type: github, github: {orgWhitelist: [a]}, whitelist: {users: [b]}}\n",
        "auth:\n  state:\n    enabled: true\n    cryptoKey: ab\n",
        "hub: {extraConfig: 'a = 1'}\n",
        "hub:\n  extraConfig: a = 1\n",
        "hub:\n  uid: 5\n",
        "hub:\n  uid: 5\n  config: {JupyterHub: {x: 1}}  # mine\n",
        "hub:\n  publicURL: https://h/\n  config:\n",
        "hub:\n  publicURL: https://h/\n  config: {}\n",
        "hub:\n    uid: 5\n    config:\n        JupyterHub:\n            x: 1\n",
        "hub:\n  fsGid: 5\nsingleuser:\n  networkPolicy:\n    egress:\n    - to: []\n",
        "rbac:\n  enabled: false\nproxy:\n  networkPolicy: {enabled: true}\n",
        "proxy:\n  https:\n    hosts:\n    - h\n",
        "proxy:\n  chp:\n    cmd: [chp, --a]\n",
        "singleuser:\n  schedulerStrategy: pack\n",
        "singleuser:\n  cloudMetadata:\n    enabled: true\n",
        "singleuser:\n  cloudMetadata:\n    enabled: false\n",
        'hub:\n  extraEnv:\n  - {name: A, value: "1e3"}\n  - {name: B, value: "on"}\n',
        "hub:\n  extraConfigMap:\n    a: |\n      text\n\n      more\n\ncustom:\n  b: 1\n",
        "---\nhub:\n  uid: 5\n",
        "hub:\n  uid: 5",
        'hub:\n  "uid": 5\n',
    ],
)
def test_every_notation_keeps_its_meaning(text: str) -> None:
    result = migrate(text, "config.yaml")
    old, new = data_of(text), data_of(result.after)
    again = modernise(new, new)
    assert modernise(old, old).data == new == again.data
    assert again.taken == []
    assert result.is_needed
    assert not migrate(result.after, "config.yaml").is_needed


def test_all_deprecated_keys_are_migrated_together() -> None:
    from itertools import chain

    from z2jh_hub.config.legacy.table import IGNORED, MOVES

    old: dict[str, Any] = {"auth": {"type": "github"}}
    for key in chain((move.old for move in MOVES), (key for key, _ in IGNORED)):
        value: Any = {"a": 1} if key in ("hub.extraConfigMap", "proxy.networkPolicy") else 5
        for part in reversed(key.split(".")):
            value = {part: value}
        old = sources.merge(old, value)
    text = yaml.safe_dump(old)
    assert data_of(migrate(text, "config.yaml").after) == modernise(old, old).data


@pytest.mark.parametrize("text", ["hub: {baseUrl: /a/}  # mine\n", "{}\n", "hub:\n"])
def test_file_without_deprecated_keys_is_unchanged(text: str) -> None:
    result = migrate(text, "config.yaml")
    assert not result.is_needed
    assert result.after == text


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("auth:\n  type: okpy\n", "auth.type"),
        ("hub: {uid: 5, containerSecurityContext: {runAsUser: 6}}\n", "hub.uid"),
        ("storage:\n  capacity: 1Gi\n", "storage.capacity"),
        ("hub:\n  uid: &id 5\nsingleuser:\n  uid: *id\n", "(file)"),
        ("", "(file)"),
    ],
)
def test_invalid_or_ambiguous_files_are_reported(text: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        migrate(text, "config.yaml")
    (problem,) = caught.value.problems
    assert problem.key == key
    assert problem.origin.file == "config.yaml"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["migrate", *arguments])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    result = tmp_path / "config.yaml"
    result.write_text(OLD)
    return result


def test_without_write_the_changes_are_shown(file: Path) -> None:
    result = run(str(file))
    assert result.exit_code == 1
    assert "-  uid: 1001   # not root" in result.output
    assert "+    runAsUser: 1001   # not root" in result.output
    assert f"warning: hub.uid ({file}:4)" in result.output
    assert file.read_text() == OLD


@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_are_not_shown(form: str, file: Path) -> None:
    output = run(str(file), "--format", form).output
    assert "client_secret: (hidden)   # really" in output
    assert "hunter2" not in output
    assert "deadbeef" not in output


def test_write_rewrites_the_file(file: Path) -> None:
    assert run(str(file), "--write").exit_code == 0
    assert file.read_text() == NEW
    again = run(str(file))
    assert (again.exit_code, again.output) == (0, f"{file} has no deprecated keys.\n")


def test_json_report(file: Path) -> None:
    result = run(str(file), "--format", "json")
    assert result.exit_code == 1
    result = json.loads(result.output)
    assert (result["needed"], result["written"]) == (True, False)
    assert result["keys"][0] == {
        "key": "hub.uid",
        "line": 4,
        "message": "`hub.uid` is deprecated; use `hub.containerSecurityContext.runAsUser`",
        "hint": "",
    }
    assert result["diff"].startswith("--- ")


def test_unreadable_file_is_reported(tmp_path: Path) -> None:
    result = run(str(tmp_path / "absent.yaml"))
    assert result.exit_code == 2
    assert "absent.yaml" in result.output


def test_real_files_can_be_migrated(request: pytest.FixtureRequest) -> None:
    from os import environ

    beside = request.config.rootpath.parent / "shared"
    configs = Path(environ.get("Z2JH_SHARED", beside)) / "configs"
    if not configs.is_dir():
        pytest.skip("../shared is not beside this checkout, and Z2JH_SHARED does not name it")
    for values in sorted(configs.glob("*.yaml")):
        text = values.read_text()
        result = migrate(text, values.name)
        assert modernise(data_of(text), data_of(text)).data == data_of(result.after)
