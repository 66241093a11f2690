"""The differences between two files, and the effects of the change."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from z2jh_hub.cli.diff import diff
from z2jh_hub.config.errors import MISSING
from z2jh_hub.config.values import Values
from z2jh_hub.inspect import preview
from z2jh_hub.inspect.diff import Difference, _compare_pods
from z2jh_hub.inspect.diff.trees import Change, changes

BASE = """\
hub:
  config: {JupyterHub: {authenticator_class: "null"}}
"""


@pytest.fixture
def compared(tmp_path):
    """`compared(old, new, …)`: the JSON of the differences between two files over the same base."""
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


def kinds(difference):
    return {effect["kind"] for effect in difference["effects"]}


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


def test_equal_values_have_no_difference(compared):
    difference = compared("{}", "custom: {}")
    assert {name: value for name, value in difference.items() if value and name != "notes"} == {}


def test_memory_limit_applies_to_new_servers(compared):
    difference = compared("{}", "singleuser: {memory: {limit: 3G}}")
    assert "new-servers" in kinds(difference)
    assert not kinds(difference) & {"logs-out", "home-unreachable", "restarts-proxy"}
    assert {c["name"] for c in difference["traits"]} == {"KubeSpawner.mem_limit"}
    assert "pod.spec.containers.notebook.resources.limits.memory" in {
        c["name"] for c in difference["pods"][""]
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
def test_reloaded_values_cause_no_restart(compared, new):
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
    difference = compared(values % (snippet, setting, "A"), values % (snippet, setting, "C"))
    assert kinds(difference) - {"new-servers"} == expected


def test_each_change_is_reported_with_its_own_effect(compared):
    difference = compared("{}", "hub: {baseUrl: /a/, templateVars: {announcement: Soon}}")
    effects = {(effect["kind"], effect["why"]) for effect in difference["effects"]}
    assert ("reloads", "hub.templateVars.announcement changed") in effects
    assert any(kind == "restarts-hub" and "JupyterHub.base_url" in why for kind, why in effects)
    assert not any(kind == "restarts-hub" and "template_vars" in why for kind, why in effects)


def test_changed_cookie_secret_logs_users_out_and_is_hidden(compared):
    new = f"hub: {{config: {{JupyterHub: {{cookie_secret: '{'ab' * 32}'}}}}}}"
    difference = compared("{}", new)
    assert {"logs-out", "restarts-hub"} <= kinds(difference)
    assert "abab" not in json.dumps(difference)


@pytest.mark.parametrize(
    "storage",
    [
        "dynamic: {pvcNameTemplate: 'home-{username}'}",
        "type: none",
        "{type: static, static: {pvcName: homes}}",
    ],
)
def test_unreachable_home_is_an_error(compared, storage):
    new = f"singleuser: {{storage: {storage if storage[0] == '{' else f'{{{storage}}}'}}}"
    assert "home-unreachable" in kinds(compared("{}", new, code=1))


def test_unreachable_home_can_be_accepted(compared):
    difference = compared("{}", "singleuser: {storage: {type: none}}", "--accept-home-loss")
    assert "home-unreachable" in kinds(difference)


def test_each_profile_is_compared(compared):
    profile = (
        "singleuser: {profileList: [{display_name: A, kubespawner_override: {mem_limit: %s}}]}"
    )
    difference = compared(profile % "1G", profile % "2G")
    assert set(difference["pods"]) == {"", "a"}


def test_invalid_values_cannot_be_compared(tmp_path):
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
def test_changes_that_do_not_apply_to_existing_homes(compared, old, new, message):
    whys = [e["why"] for e in compared(old, new)["effects"] if e["kind"] == "homes-unchanged"]
    assert bool(whys) is bool(message)
    assert message in "".join(whys)


@pytest.mark.parametrize("order", [1, -1])
def test_a_pod_of_one_side_is_not_compared_and_the_reason_is_shown(order: int) -> None:
    pods = [{"": preview.Objects({"kind": "Pod"})}, {"": preview.NotRendered("no pod today")}]
    difference = Difference()
    values = Values({})
    assert not list(_compare_pods(values, values, pods[::order], difference))
    assert difference.notes == ["the pod of (no profile) is not compared: no pod today"]
    assert difference.is_incomplete is (order == 1)


def test_values_with_which_servers_no_longer_start_are_not_comparable(compared):
    broken = "singleuser: {storage: {type: static, static: {pvcName: a, subPath: '{user}'}}}"
    difference = compared("{}", broken, code=2)
    assert any("is not compared" in note for note in difference["notes"])
