"""What changes between two files, and what that does."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from z2jh_hub.cli.diff import diff
from z2jh_hub.config.errors import MISSING
from z2jh_hub.inspect.diff.trees import Change, changes

BASE = """\
hub:
  config: {JupyterHub: {authenticator_class: "null"}}
"""


@pytest.fixture
def compared(tmp_path):
    """`compared(more, …)`: what the JSON says of the base, and of the base with `more` on it."""
    (tmp_path / "base.yaml").write_text(BASE)

    def compared(old, new, *arguments, code=0):
        (tmp_path / "old.yaml").write_text(old)
        (tmp_path / "new.yaml").write_text(new)
        files = ["-f", "base.yaml", "old.yaml", "new.yaml"]
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path)
            result = CliRunner().invoke(diff, [*files, *arguments, "--format", "json"])
        assert result.exit_code == code, result.output
        return json.loads(result.output)

    return compared


def kinds(found):
    return {effect["kind"] for effect in found["effects"]}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([{"name": "a", "x": 1}], [{"name": "a", "x": 2}], [Change(("a", "x"), 1, 2)]),
        ([1, 2], [1, 3], [Change((), [1, 2], [1, 3])]),
        ({"a": 1}, {"b": 1}, [Change(("a",), 1, MISSING), Change(("b",), MISSING, 1)]),
        ([{"name": "a"}, {"name": "b"}], [{"name": "b"}, {"name": "a"}], []),
        ({"a": {"b": 1}}, {"a": {"b": 1}}, []),
    ],
)
def test_trees(old, new, expected):
    assert list(changes(old, new)) == expected


def test_the_same_is_no_difference(compared):
    found = compared("{}", "custom: {}")
    assert {name: value for name, value in found.items() if value and name != "notes"} == {}


def test_more_memory_is_for_new_servers(compared):
    found = compared("{}", "singleuser: {memory: {limit: 3G}}")
    assert "new-servers" in kinds(found)
    assert not kinds(found) & {"logs-out", "home-unreachable", "restarts-proxy"}
    assert {c["name"] for c in found["traits"]} == {"KubeSpawner.mem_limit"}
    assert "pod.spec.containers.notebook.resources.limits.memory" in {
        c["name"] for c in found["pods"][""]
    }


@pytest.mark.parametrize(
    "new",
    [
        "cull: {timeout: 60, maxAge: 600}",
        "hub: {config: {Authenticator: {admin_users: [ada]}}}",
        "hub: {templateVars: {announcement: Soon}}",
        "custom: {quotas: {all: {servers: 1}}}",
        "auth: {admin: {users: [ada]}}",
    ],
)
def test_what_a_running_hub_takes_over_restarts_nothing(compared, new):
    assert kinds(compared("{}", new)) == {"reloads"} | (
        {"restarts-hub"} if "auth" in new else set()
    )


@pytest.mark.parametrize(
    ("snippet", "expected"),
    [
        ("x = 1", {"reloads"}),
        ("x = z2jh.get_config('singleuser.profileList')", {"restarts-hub"}),
        ("c.KubeSpawner.profile_list.append({'display_name': 'B'})", {"restarts-hub"}),
    ],
)
@pytest.mark.parametrize("setting", ["null", "true", "false", "[]"])
def test_a_change_that_a_snippet_uses_restarts_the_hub(compared, snippet, expected, setting):
    values = "hub: {extraConfig: {a: %s}, restartOnChange: %s}\n"
    values += "singleuser: {profileList: [{display_name: %s}]}"
    if setting in ("false", "[]") and expected == {"restarts-hub"}:
        expected = {"next-restart"}
    snippet = json.dumps(snippet)
    found = compared(values % (snippet, setting, "A"), values % (snippet, setting, "C"))
    assert kinds(found) - {"new-servers"} == expected


def test_each_change_is_told_by_what_it_needs(compared):
    found = compared("{}", "hub: {baseUrl: /a/, templateVars: {announcement: Soon}}")
    told = {(effect["kind"], effect["why"]) for effect in found["effects"]}
    assert ("reloads", "hub.templateVars.announcement changed") in told
    assert any(kind == "restarts-hub" and "JupyterHub.base_url" in why for kind, why in told)
    assert not any(kind == "restarts-hub" and "template_vars" in why for kind, why in told)


def test_a_secret_that_changes_logs_users_out_and_is_not_shown(compared):
    new = f"hub: {{config: {{JupyterHub: {{cookie_secret: '{'ab' * 32}'}}}}}}"
    found = compared("{}", new)
    assert {"logs-out", "restarts-hub"} <= kinds(found)
    assert "abab" not in json.dumps(found)


@pytest.mark.parametrize(
    "storage",
    [
        "dynamic: {pvcNameTemplate: 'home-{username}'}",
        "type: none",
        "{type: static, static: {pvcName: homes}}",
    ],
)
def test_a_home_that_is_out_of_reach_has_to_be_accepted(compared, storage):
    new = f"singleuser: {{storage: {storage if storage[0] == '{' else f'{{{storage}}}'}}}"
    assert "home-unreachable" in kinds(compared("{}", new, code=1))


def test_a_loss_can_be_accepted(compared):
    found = compared("{}", "singleuser: {storage: {type: none}}", "--accept-home-loss")
    assert "home-unreachable" in kinds(found)


def test_profiles_are_compared_each(compared):
    profile = (
        "singleuser: {profileList: [{display_name: A, kubespawner_override: {mem_limit: %s}}]}"
    )
    found = compared(profile % "1G", profile % "2G")
    assert set(found["pods"]) == {"", "a"}


def test_what_makes_no_hub_cannot_be_compared(tmp_path):
    (tmp_path / "a.yaml").write_text("hub: {baseUrl: 3}\n")
    file = str(tmp_path / "a.yaml")
    assert CliRunner().invoke(diff, [file, file]).exit_code == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{}", "singleuser: {storage: {capacity: 20Gi}}", "kubectl patch pvc"),
        ("{}", "hub: {config: {KubeSpawner: {storage_capacity: 1Ti}}}", "allowVolumeExpansion"),
        ("{}", "singleuser: {storage: {capacity: 5Gi}}", "cannot shrink a PVC"),
        ("{}", "singleuser: {storage: {dynamic: {storageClass: fast}}}", "the storage class"),
        (
            "{}",
            "singleuser: {storage: {dynamic: {storageAccessModes: [ReadWriteMany]}}}",
            "the access mode",
        ),
        ("{}", "singleuser: {storage: {capacity: 10240Mi}}", ""),
        ("{}", "singleuser: {memory: {limit: 2G}}", ""),
        ("singleuser: {storage: {type: none}}", "singleuser: {storage: {capacity: 20Gi}}", ""),
    ],
)
def test_changes_that_existing_homes_do_not_follow(compared, old, new, message):
    whys = [e["why"] for e in compared(old, new)["effects"] if e["kind"] == "homes-unchanged"]
    assert bool(whys) is bool(message)
    assert message in "".join(whys)
