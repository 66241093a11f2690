"""`configure(c)` in a separate process: what an administrator sees after a mistake."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from z2jh_hub import configure
from z2jh_hub.chart import chart_files
from z2jh_hub.config import sources
from z2jh_hub.config.errors import ConfigError
from z2jh_hub.config.mounts import Mounts
from z2jh_hub.config.values import from_files, from_mounts

MISTAKES = """\
hub:
  baseUrl: jh
  db:
    type: postgres
  config:
    jupyterHub:
      base_url: /
  extraConfig:
    broken: |
      a = 1
      b = (
singleuser:
  memory:
    limit: lots
    guarantee: 1G
  cpu:
    limit: 1
    guarantee: 2
  storage:
    type: static
    extraVolumeMounts:
      - name: a
        mountPath: /home/jovyan
cull:
  timeout: -5
"""

# key: line and value
EXPECTED = {
    "hub.baseUrl": (2, "jh"),
    "hub.db.url": (3, None),
    "hub.config.jupyterHub": (6, "jupyterHub"),
    "hub.extraConfig.broken": (11, "b = ("),
    "singleuser.memory.limit": (14, "lots"),
    "singleuser.cpu.guarantee": (18, 2),
    "singleuser.storage.static.pvcName": (19, None),
    "singleuser.storage.extraVolumeMounts.0.mountPath": (23, "/home/jovyan"),
    "cull.timeout": (25, -5),
}


def run(root: Path) -> subprocess.CompletedProcess[str]:
    code = "from traitlets.config import Config; from z2jh_hub.configure import configure\n"
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code + "configure(Config())"],
        env={**os.environ, "Z2JH_CONFIG_ROOT": str(root)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def mount(root: Path, text: str, name: str = "secret") -> Path:
    defaults = sources.parse(chart_files.read("values.yaml"), "values.yaml").data
    merged = sources.merge_as_helm(defaults, yaml.safe_load(text))
    (root / name).mkdir(parents=True)
    (root / name / "values.yaml").write_text(yaml.safe_dump(merged))
    return root


def test_all_mistakes_are_reported_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(MISTAKES)
    with pytest.raises(ConfigError) as caught:
        configure.build(from_files([file]), None)
    reported = {p.key: p for p in caught.value.problems}
    assert reported.keys() == EXPECTED.keys()
    for key, (line, text) in EXPECTED.items():
        problem = reported[key]
        assert (problem.origin.file, problem.origin.line) == (str(file), line), key
        assert problem.given == text or text is None, key
        assert problem.expected, key


def test_the_hub_exits_with_1_and_no_traceback(tmp_path: Path) -> None:
    done = run(mount(tmp_path, MISTAKES))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for key in EXPECTED:
        assert f"error: {key} (" in done.stderr
    assert "given:    lots" in done.stderr
    assert done.stdout == ""


def test_hub_starts_with_a_warning(tmp_path: Path) -> None:
    done = run(mount(tmp_path, "{hub: {uid: 1001}, singleuser: {memroy: {limit: 1G}}}"))
    assert done.returncode == 0
    assert "warning: hub.uid" in done.stderr
    assert "did you mean singleuser.memory?" in done.stderr


def test_traceback_of_a_snippet_shows_only_its_own_lines(tmp_path: Path) -> None:
    done = run(mount(tmp_path, "hub: {extraConfig: {mine: 'a = 1 / 0'}}"))
    assert done.returncode == 1
    assert 'File "<hub.extraConfig.mine>", line 1' in done.stderr
    assert "z2jh_hub" not in done.stderr.partition("Traceback")[2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "does not exist"),
        ("", "is empty"),
        ("# nothing\n", "is empty"),
        ("[a]", "contains a list"),
        ("word", "contains a str"),
        ("a: [", "invalid YAML"),
        ("a: \udcff", "cannot be read"),
    ],
)
def test_invalid_mounted_values_are_reported(
    text: str | None, message: str, tmp_path: Path
) -> None:
    (tmp_path / "secret").mkdir()
    if text is not None:
        (tmp_path / "secret" / "values.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    done = run(tmp_path)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["", "[a]"])
def test_invalid_values_in_the_existing_secret_are_reported(text: str, tmp_path: Path) -> None:
    mount(tmp_path, "{}")
    (tmp_path / "existing-secret").mkdir()
    (tmp_path / "existing-secret" / "values.yaml").write_text(text)
    with pytest.raises(ConfigError, match="existing-secret"):
        from_mounts(Mounts(tmp_path))


def test_an_existing_secrets_values_are_merged_over_the_charts(tmp_path: Path) -> None:
    mount(tmp_path, "{custom: {a: {b: 1, c: 1}, list: [1]}}")
    (tmp_path / "existing-secret").mkdir()
    over = "{custom: {a: {b: 2}, list: [2]}, singleuser: {memory: {limit: lots}}}"
    (tmp_path / "existing-secret" / "values.yaml").write_text(over)
    values = from_mounts(Mounts(tmp_path))
    assert values.get("custom") == {"a": {"b": 2, "c": 1}, "list": [2]}
    (problem,) = configure.problems(values)
    assert problem.origin.file.endswith("existing-secret/values.yaml")


def test_merging_does_not_modify_its_arguments() -> None:
    base, over = {"a": {"b": 1}}, {"a": {"c": None}}
    assert sources.merge(base, over) == {"a": {"b": 1, "c": None}}
    assert sources.merge_as_helm({"a": {"b": 1, "c": 2}}, over) == {"a": {"b": 1}}
    assert (base, over) == ({"a": {"b": 1}}, {"a": {"c": None}})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e3", 1000.0), ("010", 8), ("0o10", 8), ("1:30", "1:30"), ("2026-11-25", "2026-11-25"),
        ("yes", True), ("~", None), ("1_000", 1000), (".5", 0.5), ("'1'", "1"),
    ],
)  # fmt: skip
def test_scalars_are_parsed_as_helm_parses_them(text: str, value: object) -> None:
    reported = sources.parse(f"a: {text}", "f").data["a"]
    assert (reported, type(reported)) == (value, type(value))


def test_keys_are_text() -> None:
    assert sources.parse("{1: a, true: b}", "f").data == {"1": "a", "true": "b"}
