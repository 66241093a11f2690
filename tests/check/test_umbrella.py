"""Values of charts that depend on this one: their part is found and checked, with its lines."""

from __future__ import annotations

import json
from textwrap import dedent, indent

import pytest
from click.testing import CliRunner

from z2jh_hub.cli import main

HUB = """\
hub:
  baseUrl: /a/
  concurentSpawnLimit: 5
  extraConfig:
    mine: |
      c.JupyterHub.cookie_max_age_days = 3
      c.KubeSpawner.start_timout = 3
singleuser:
  memory: {limit: two}
"""


def umbrella(*keys: str, before: str = "", after: str = "") -> str:
    text = HUB
    for key in reversed(keys):
        text = f"{key}:\n{indent(text, '  ')}"
    return f"{dedent(before)}{text}{dedent(after)}"


def errors(problems):
    return sorted((p.key, p.origin.line) for p in problems if p.severity != "note")


@pytest.mark.parametrize(
    ("keys", "before"),
    [
        (["jupyterhub"], ""),
        (["jupyterhub"], "dask-gateway: {gateway: {prefix: /a}}\n"),
        (["jupyterhub"], "config: {BinderHub: {use_registry: true}}\ningress: {enabled: true}\n"),
        (["binderhub", "jupyterhub"], "grafana:\n  enabled: true\n"),
        (["daskhub", "jupyterhub"], ""),
        (["basehub", "jupyterhub"], "nfs: {enabled: true}\n"),
    ],
)
def test_the_hubs_part_is_found_and_checked_with_its_lines(problems_of, keys, before):
    problems = problems_of(umbrella(*keys, before=before, after="other:\n  hub: 3\n"))
    lines = len(keys) + before.count("\n")
    assert errors(problems) == sorted((p.key, p.origin.line + lines) for p in problems_of(HUB))
    (note,) = [p for p in problems if p.rule == "umbrella"]
    assert (note.key, note.severity) == (".".join(keys), "note")
    assert note.origin.line == lines


def test_the_values_of_a_hub_are_no_umbrella(problems_of):
    text = f"{HUB}jupyterhub: {{hub: {{}}}}\n"
    assert "unknown-key" in {p.rule for p in problems_of(text) if p.key == "jupyterhub"}
    assert "umbrella" not in {p.rule for p in problems_of(text)}


def test_files_of_an_umbrella_chart_are_merged(problems_of):
    first = "jupyterhub: {hub: {db: {type: postgres}}}"
    assert [p.key for p in problems_of(first) if p.severity == "error"] == ["hub.db.url"]
    second = "jupyterhub: {hub: {db: {url: 'postgresql://a@b/c'}}}"
    assert [p for p in problems_of(first, second) if p.severity == "error"] == []


def test_set_takes_the_keys_of_the_umbrella_chart(problems_of):
    text = "jupyterhub: {hub: {db: {type: postgres}}}"
    sets = ("jupyterhub.hub.db.url=postgresql://a@b/c", "other.hub.baseUrl=5")
    assert [p for p in problems_of(text, sets=sets) if p.severity == "error"] == []


@pytest.mark.parametrize(
    ("at", "keys"),
    [("hubs.first", [("hub.baseUrl", 2)]), ("hubs.second", [("hub.baseUrl", 3)]), ("", None)],
)
def test_at_names_the_part(tmp_path, at, keys):
    file = tmp_path / "a.yaml"
    file.write_text("hubs:\n  first: {hub: {baseUrl: 5}}\n  second: {hub: {baseUrl: 6}}\n")
    answer = CliRunner().invoke(
        main, ["check", str(file), "--at", at, "--static", "--format", "json"]
    )
    problems = json.loads(answer.output)["findings"]
    wrong = [(p["key"], p["line"]) for p in problems if p["severity"] == "error"]
    assert wrong == (keys or [("hubs", 1)])


def test_missing_part_is_reported(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("other: {}\n")
    answer = CliRunner().invoke(main, ["check", str(file), "--at", "jupyterhub", "--static"])
    assert "no values under jupyterhub" in answer.output
