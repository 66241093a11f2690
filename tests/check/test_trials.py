"""What rules share of one trial of the configuration: its answer, its failures and its cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from z2jh_hub import sandbox
from z2jh_hub.check import check, run_checks
from z2jh_hub.check.rules import hub_start
from z2jh_hub.sandbox.pods.losses import losses

pytestmark = pytest.mark.processes

SECRETS = {"unquoted": "12345678", "free": "free-mapping-77", "python": "made-by-python-99"}
SECRETIVE = f"""
hub:
  config:
    JupyterHub: {{authenticator_class: dummy}}
    DummyAuthenticator: {{allow_all: true}}
  extraConfig:
    profiles: |
      end = "python-99"
      c.KubeSpawner.profile_list = [
          {{"display_name": "A", "kubespawner_override": {{
              "environment": {{"API_TOKEN": "made-by-" + end}}, "mem_limt": "1G"}}}}
      ]
singleuser:
  extraEnv: {{DB_PASSWORD: {SECRETS["unquoted"]}}}
  extraPodConfig:
    hostAliases: {{ip: 192.0.2.1, password: {SECRETS["free"]}}}
"""
BROKEN_IN_SEVERAL_WAYS = """
hub:
  config:
    JupyterHub: {authenticator_class: dummy}
    DummyAuthenticator: {allow_all: true}
  extraConfig:
    hook: |
      def hook(spawner):
          undefined_name
      c.KubeSpawner.pre_spawn_hook = hook
singleuser:
  extraPodConfig:
    hostAliases: {ip: 192.0.2.1}
  profileList:
    - display_name: A
      kubespawner_override:
        extra_container_config: {env: {A: b}}
"""


def file_of(folder: Path, text: str) -> Path:
    file = folder / "config.yaml"
    file.write_text(text)
    return file


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


def test_cached_answers_contain_no_secrets(tmp_path, cache):
    rules = {problem.rule for problem in check([file_of(tmp_path, SECRETIVE)])}
    assert {"pod-rejected", "unknown-trait"} <= rules
    texts = [file.read_text() for file in cache.rglob("*") if file.is_file()]
    assert texts
    assert [name for name, secret in SECRETS.items() for text in texts if secret in text] == []


def test_a_value_of_the_wrong_type_hides_no_other_mistake(tmp_path, cache):
    problems = check([file_of(tmp_path, BROKEN_IN_SEVERAL_WAYS)])
    assert not [p.message for p in problems if "could not be tried" in p.message]
    assert {p.origin.line for p in problems if p.severity == "error" and p.origin} == {9, 13, 17}


def test_a_part_that_could_not_be_tried_is_reported(tmp_path, monkeypatch):
    nothing = {"missing": [], "raised": None, "problems": [], "lacking": [],
               "access": None, "start": None, "password": None, "addresses": None, "services": None,
               "pods": None,
               "untried": {"pods": {"type": "KeyError", "message": "'x'"}}}  # fmt: skip
    monkeypatch.setattr(sandbox, "run", lambda *_, **__: nothing)
    problems = check([file_of(tmp_path, "hub: {}")])
    (message,) = [p.message for p in problems if p.rule == "hub-start"]
    assert message == "the start of servers could not be tried: the trial raised KeyError: 'x'"


def test_servers_beyond_the_limits_are_named(tmp_path, cache):
    groups = [f"g{number:02}" for number in range(15)]
    text = f"""
singleuser:
  profileList:
    - display_name: Big
      allowed_groups: {groups}
"""
    (note,) = [p for p in check([file_of(tmp_path, text)]) if p.rule == "servers-untried"]
    assert note.severity == "note"
    assert note.message.endswith("not tried: members of g12, g13 and g14")


def test_every_part_has_a_name():
    from z2jh_hub.sandbox.run_checks import PARTS

    assert PARTS.keys() == hub_start.PARTS.keys()


def test_code_that_is_stopped_runs_once(tmp_path, monkeypatch):
    runs = []

    def stopped(*_, **__):
        runs.append(1)
        raise sandbox.Stopped("still running after 15 seconds")

    monkeypatch.setattr(run_checks.sandbox, "run", stopped)
    check([file_of(tmp_path, "hub: {extraConfig: {a: 'while True: pass'}}")])
    assert len(runs) == 1


@pytest.mark.parametrize(
    "container", [{"env": {"A": "b"}}, {"volumeMounts": {"a": {}}}, {"resources": []}, {"env": 1}]
)
def test_losses_of_a_pod_with_values_of_the_wrong_type(container):
    chart = {"kind": "Pod", "spec": {"containers": [
        {"name": "notebook", "env": [{"name": "A", "value": "b"}]}]}}  # fmt: skip
    pod = {"kind": "Pod", "spec": {"containers": [{"name": "notebook", **container}]}}
    assert [loss.name for loss in losses(chart, pod)] == ["A"]


OF_CODE = {
    "c.JupyterHub.load_roles = [{'name': 'a-role', 'scopes': ['self']}]":
        [("lost-entries", "warning", "role jupyterhub-idle-culler")],
    "c.JupyterHub.services = [{'name': 'grader', 'api_token': 'a' * 32}]":
        [("hub-start", "error", "service jupyterhub-idle-culler, which does not exist"),
         ("lost-entries", "warning", "so idle servers are not culled")],
    "c.JupyterHub.services.append({'name': 'grader', 'api_token': 'a' * 32})": [],
    "c.JupyterHub.spawner_class = 'wrapspawner.ProfilesSpawner'":
        [("missing-module", "warning", "no module wrapspawner")],
    "c.KubeSpawner.namespace = '{{ .Release.Namespace }}'":
        [("placeholder", "warning", "Helm does not render")],
    "x = '{{ username }}'  # {{ .Values.a }}": [],
    "c.KubeSpawner.pre_spawn_hook = lambda spawner, user: None":
        [("start-fails", "error", "missing 1 required positional argument")],
}  # fmt: skip


@pytest.mark.parametrize("code", OF_CODE)
def test_code_of_issues_is_reported_on_its_line(problems_of, code):
    problems = problems_of(f"hub:\n  extraConfig:\n    code: |\n      {code}\n", run=True)
    expected = OF_CODE[code]
    assert [(p.rule, p.severity) for p in problems] == [entry[:2] for entry in expected]
    for problem, (_, _, words) in zip(problems, expected, strict=True):
        assert problem.origin.line == 4
        assert words in problem.message


OF_PODS = {
    "storage: {type: static, static: {pvcName: nfs, subPath: 'home/{user}'}}":
        ("start-fails", "singleuser.storage.static.subPath", "did you mean {username}?"),
    "storage: {dynamic: {storageAccessModes: [ReadWriteOne]}}":
        ("value", "singleuser.storage.dynamic.storageAccessModes.0", "did you mean ReadWriteOnce?"),
    "storage: {extraVolumes: [{name: a, nfs: {server: nfs.uni.edu}}]}":
        ("pod-rejected", "singleuser.storage.extraVolumes.0.nfs", ""),
    "storage: {dynamic: {pvcNameTemplate: 'home-{usrname}'}}":
        ("start-fails", "singleuser.storage.dynamic.pvcNameTemplate", "did you mean {username}?"),
}  # fmt: skip


@pytest.mark.parametrize("text", OF_PODS)
def test_a_wrong_value_of_user_pods_is_reported_at_its_key(problems_of, text):
    (problem,) = problems_of(f"singleuser: {{{text}}}", run=True)
    assert (problem.rule, problem.key, problem.hint) == OF_PODS[text]
    assert problem.severity == "error"
