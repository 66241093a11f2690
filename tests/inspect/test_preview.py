"""The pod that a user would get, rendered by the real spawner."""

from __future__ import annotations

import pytest
import yaml
from click.testing import CliRunner

from z2jh_hub.cli.preview import command
from z2jh_hub.config.errors import ConfigError
from z2jh_hub.inspect import preview

pytestmark = pytest.mark.processes

VALUES = """\
hub:
  config:
    GitHubOAuthenticator: {client_secret: hunter2hunter2, allow_all: true}
    JupyterHub: {authenticator_class: github}
    Authenticator: {admin_users: [root]}
  extraConfig:
    spawner: |
      import kubespawner, os

      class Ours(kubespawner.KubeSpawner):
          async def start(self):
              if self.user.admin:
                  self.mem_limit = "64G"
              if "big" in [group.name for group in self.user.groups]:
                  self.cpu_limit = 8
              return await super().start()

      async def hook(spawner):
          spawner.environment["WHO"] = spawner.user.name

      c.JupyterHub.spawner_class = Ours
      c.KubeSpawner.pre_spawn_hook = hook
      c.KubeSpawner.environment["SECRET_OF_SNIPPET"] = "hunter3hunter3"
      c.KubeSpawner.cmd = ["start", "--password=hunter2hunter2"]
singleuser:
  memory: {limit: 2G}
  profileList:
    - display_name: Small
      slug: small
      profile_options:
        image:
          display_name: Image
          choices:
            a: {display_name: A, kubespawner_override: {image: "q/a:1"}}
            b: {display_name: B, kubespawner_override: {image: "q/b:1"}}
    - display_name: Big one
      kubespawner_override: {mem_limit: 16G}
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    file = tmp_path_factory.mktemp("preview") / "config.yaml"
    file.write_text(VALUES, "utf-8")
    return file


@pytest.fixture(scope="module")
def pods(file):
    """The pods of some requests, rendered in one run."""
    requests = {
        "plain": preview.Request("Alice"),
        "big": preview.Request("alice", profile="big-one", groups=["big"]),
        "option": preview.Request("alice", profile="small", options={"image": "b"}),
        "admin": preview.Request("root"),
        "named": preview.Request("alice", server="second"),
        "nobody's": preview.Request("alice", profile="none"),
    }
    return dict(zip(requests, preview.each(file, list(requests.values())), strict=True))


def container(rendered):
    return rendered.pod["spec"]["containers"][0]


def variables(rendered):
    return {entry["name"]: entry.get("value") for entry in container(rendered)["env"]}


def test_names_and_home_are_those_of_the_normalised_user(pods):
    assert pods["plain"].pod["metadata"]["name"] == "jupyter-alice"
    (claim,) = pods["plain"].claims
    assert claim["metadata"]["name"] == "claim-alice"
    assert container(pods["plain"])["image"] == "q/a:1"
    assert container(pods["plain"])["resources"]["limits"]["memory"] == 2 * 2**30


def test_hooks_and_classes_of_snippets_run(pods):
    assert variables(pods["plain"])["WHO"] == "alice"
    assert container(pods["big"])["resources"]["limits"] == {"memory": 16 * 2**30, "cpu": 8.0}
    assert container(pods["admin"])["resources"]["limits"]["memory"] == 64 * 2**30


@pytest.mark.parametrize(
    ("cmd", "arguments"), [("jupyterhub-singleuser", ["jupyterhub-singleuser"]), (None, None)]
)
def test_the_entrypoint_of_the_users_image_runs(cmd, arguments):
    """In images of repo2docker and docker-stacks, it prepares the server."""
    made = preview.pod({"singleuser": {"cmd": cmd}}, user="alice")["spec"]["containers"][0]
    assert made.get("args") == arguments
    assert "command" not in made
    assert not made["securityContext"].get("readOnlyRootFilesystem")


def test_options_select_choices(pods):
    assert container(pods["option"])["image"] == "q/b:1"


def test_named_server_has_its_own_pod(pods):
    assert pods["named"].pod["metadata"]["name"] == "jupyter-alice--second"
    assert variables(pods["named"])["JUPYTERHUB_SERVICE_PREFIX"] == "/user/alice/second/"


def test_unknown_profile_is_rejected_with_the_spawners_message(pods):
    assert isinstance(pods["nobody's"], preview.NotRendered)
    assert "Small (small), Big one (big-one)" in str(pods["nobody's"])


def test_equal_input_renders_equal_pods(file):
    assert preview.pod(file, user="alice") == preview.pod(file, user="alice")


def test_values_may_be_a_mapping():
    values = {"singleuser": {"image": {"name": "q/x", "tag": "3"}, "storage": {"type": "none"}}}
    rendered = preview.objects(values, preview.Request("alice"))
    assert container(rendered)["image"] == "q/x:3"
    assert rendered.claims == []


def test_invalid_values_raise_config_error():
    with pytest.raises(ConfigError):
        preview.pod({"hub": {"db": {"type": 3}}}, user="alice")


def test_error_names_the_code_that_raises():
    with pytest.raises(preview.NotRendered, match=r"hub\.extraConfig\.x>:2 raises ValueError"):
        preview.pod({"hub": {"extraConfig": {"x": "\nraise ValueError()"}}}, user="alice")


def test_the_slugs_of_profiles(file):
    assert preview.profiles(preview.read(file)) == ["small", "big-one"]
    assert preview.profiles(preview.read({})) == [None]


def test_command_hides_secrets_by_default(file):
    result = CliRunner().invoke(command, ["-f", str(file), "--user", "alice"])
    kinds = [thing["kind"] for thing in yaml.safe_load_all(result.stdout)]
    assert kinds == ["PersistentVolumeClaim", "Pod"]
    assert "hunter" not in result.output
    shown = CliRunner().invoke(command, ["-f", str(file), "--user", "alice", "--show-secrets"])
    assert "hunter2hunter2" in shown.output
    assert "hunter3hunter3" in shown.output


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["--profile", "none"], 1), (["-f", "missing.yaml"], 2), (["--option", "x"], 2)],
)
def test_exit_codes(file, arguments, code):
    result = CliRunner().invoke(command, ["-f", str(file), "--user", "alice", *arguments])
    assert result.exit_code == code


QUOTAS = """\
hub:
  quotas:
    no-server: {users: [ada], servers: 0}
    no-hour: {groups: [visitors], hoursPerWeek: 0}
    no-gpu: {groups: [students], profiles: {gpu: 0}}
singleuser:
  profileList:
    - {display_name: GPU, slug: gpu}
    - {display_name: CPU, slug: cpu}
    - {display_name: A, slug: trait, kubespawner_override: {cpu_limit: two}}
    - {display_name: B, slug: type, kubespawner_override: {environment: {COUNT: 3}}}
    - {display_name: C, slug: value, kubespawner_override: {tolerations: [{efect: NoSchedule}]}}
"""


@pytest.fixture(scope="module")
def quotas(tmp_path_factory):
    file = tmp_path_factory.mktemp("quotas") / "config.yaml"
    file.write_text(QUOTAS, "utf-8")
    return file


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--user=ada"], 1, "You may not start a server."),
        (["--user=bob", "--groups=visitors"], 1, "you have 0 hours a week"),
        (["--user=bob", "--groups=students", "--profile=gpu"], 1, "of the profile GPU"),
        (["--user=bob", "--groups=students", "--profile=cpu"], 0, "jupyter-bob"),
        (["--user=bob", "--profile=gpu"], 0, "jupyter-bob"),
        (["--user=bob", "--profile=none"], 1, "The profile none is not available to you."),
        (["--user="], 2, "a user name must not be empty"),
    ],
)
def test_refusals_by_quotas_and_profiles_exit_with_1(quotas, arguments, code, message):
    result = CliRunner().invoke(command, [str(quotas), *arguments])
    assert (result.exit_code, message in result.output) == (code, True), result.output


@pytest.mark.parametrize("slug", ["trait", "type", "value"])
def test_failures_of_the_spawner_are_explained(quotas, slug):
    result = CliRunner().invoke(command, [str(quotas), "--user=bob", f"--profile={slug}"])
    assert result.exit_code == 2
    assert result.output.startswith("z2jh preview: KubeSpawner cannot create the pod")
    assert "`z2jh check`" in result.output
