"""`z2jh check` at the command line: formats, exit codes, and no secrets anywhere."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner

from z2jh_hub.check.report.formats import FORMATS
from z2jh_hub.check.rules import RULES
from z2jh_hub.cli.check import check
from z2jh_hub.config.errors import display

WRONG = """\
hub:
  baseUrl: /
singleuser:
  memroy:
    limit: 2G
cull:
  timeout: 60
"""


@pytest.fixture
def run(tmp_path, monkeypatch, no_access):
    """Run `z2jh check` on a config.yaml of this text, with further arguments."""
    monkeypatch.chdir(tmp_path)

    def run(text, *arguments):
        (tmp_path / "config.yaml").write_text(text, "utf-8")
        return CliRunner().invoke(check, ["-f", "config.yaml", "--static", *arguments])

    return run


def test_text_shows_the_line_with_a_caret(run):
    assert (
        run(WRONG).output
        == """\
error[unknown-key]: singleuser.memroy: unknown key; it has no effect
 --> config.yaml:4:3
  |
4 |   memroy:
  |   ^^^^^^
  = given: {"limit": "2G"}
  = hint: did you mean singleuser.memory?

warning[cull-period]: cull.every: the culler checks every 600 seconds, so a server can be \
idle for 660 seconds instead of 60
 --> config.yaml:6:1
  |
6 | cull:
  | ^^^^
  = given: 600
  = expected: at most cull.timeout, 60

warning[cull-timeout]: cull.timeout: servers report activity every 300 seconds, so a shorter \
timeout also stops servers in use
 --> config.yaml:7:3
  |
7 |   timeout: 60
  |   ^^^^^^^
  = given: 60
  = expected: at least 300 seconds
  = hint: the unit is seconds, not minutes

1 error, 2 warnings. Each rule is described in docs/rules/.
"""
    )


def test_json_has_the_documented_shape(run):
    findings = json.loads(run(WRONG, "--format", "json").output)["findings"]
    assert findings[0] == {
        "rule": "unknown-key",
        "severity": "error",
        "key": "singleuser.memroy",
        "file": "config.yaml",
        "line": 4,
        "column": 3,
        "message": "unknown key; it has no effect",
        "given": '{"limit": "2G"}',
        "expected": "",
        "hint": "did you mean singleuser.memory?",
    }


def test_github_has_an_annotation_a_finding(run):
    first, *others = run(WRONG, "--format", "github").output.splitlines()
    assert first == (
        "::error file=config.yaml,line=4,col=3,title=unknown-key%3A singleuser.memroy"
        '::unknown key; it has no effect%0Agiven: {"limit": "2G"}%0Ahint: '
        "did you mean singleuser.memory?"
    )
    assert [line.split()[0] for line in others] == ["::warning", "::warning"]


def test_sarif_names_its_rules_and_places(run):
    log = json.loads(run(WRONG, "--format", "sarif").output)
    (one,) = log["runs"]
    rules = one["tool"]["driver"]["rules"]
    first = one["results"][0]
    assert log["version"] == "2.1.0"
    assert {rule["id"] for rule in rules} == RULES.keys()
    assert rules[first["ruleIndex"]]["id"] == first["ruleId"] == "unknown-key"
    assert first["level"] == "error"
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "config.yaml"},
                "region": {"startLine": 4, "startColumn": 3},
            }
        }
    ]


@pytest.mark.parametrize(
    ("text", "arguments", "code"),
    [
        ("hub: {}\n", (), 0),
        ("cull: {timeout: 60}\n", (), 0),
        (WRONG, (), 1),
        ("hub: [\n", (), 1),
        ("hub: {}\n", ("--set", "hub.baseUrl=jh"), 1),
        ("hub: {}\n", ("-f", "missing.yaml"), 2),
        ("hub: {}\n", ("--set", "nothing"), 2),
        ("hub: {}\n", ("--format", "xml"), 2),
    ],
)
def test_the_exit_code_tells_errors_from_what_could_not_run(run, text, arguments, code):
    assert run(text, *arguments).exit_code == code


@pytest.mark.parametrize("error", [OSError("no chart"), ValueError("a bug")])
def test_a_check_that_breaks_has_not_found_anything(run, error, monkeypatch):
    def broken(*_, **__):
        raise error

    monkeypatch.setattr("z2jh_hub.cli.check.make_report", broken)
    assert run("hub: {}\n").exit_code == 2


def test_absence_of_problems_is_reported(run):
    assert run("hub: {}\n").output == "No problems found.\n"
    assert json.loads(run("hub: {}\n", "--format", "json").output) == {"findings": []}


SECRET = "hunter2hunter2"
WITH_SECRETS = {
    "wrong type": f"hub:\n  config:\n    GitHubOAuthenticator: {{client_secret: {SECRET}}}\n"
    f"  cookieSecret: [{SECRET}]\n",
    "duplicate": f"proxy:\n  secretToken: {SECRET}\n  secretToken: {SECRET}\n",
    "not YAML": f'proxy:\n  secretToken: "{SECRET}\n  x: 1\n',
    "a tab": f"proxy:\n\tsecretToken: {SECRET}\n",
    "a block": f"hub:\n  db:\n    password: |\n      {SECRET}\n     {SECRET}: 1\n",
    "a flow": f"hub: {{db: {{password: {SECRET}, password: {SECRET}}}}}\n",
    "in a URL": f"hub:\n  db:\n    url: [postgresql://hub:{SECRET}@db/hub]\n",
    "in code": f"hub:\n  extraConfig:\n    x: |\n      c.A.client_secret = '{SECRET}'; = 1\n",
    "unknown key": f"hub:\n  db:\n    pasword: x\n    apiToken: {SECRET}\n",
    "misplaced": f"db:\n  password: {SECRET}\n",
    "curly": f"hub:\n  db:\n    password: “{SECRET}”\n",
    "list item": f"hub:\n  config:\n    CryptKeeper:\n      keys:\n        - {SECRET}\n"
    f"        - !!int {SECRET}\n",
    "environment": f"singleuser:\n  extraEnv:\n    - {{name: A, value: {SECRET}}}\n",
    "set": "hub: {}\n",
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("text", WITH_SECRETS.values(), ids=WITH_SECRETS)
def test_no_format_shows_a_secret(run, text, form):
    result = run(text, "--format", form, "--set", f"hub.db.password.x={SECRET}")
    assert result.exit_code == 1
    assert SECRET not in result.output


def test_check_works_after_its_formats_were_imported(problems_of):
    assert FORMATS
    assert [problem.rule for problem in problems_of("nobody: 1\n")] == ["unknown-key"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"limit": None, "guarantee": "2G"}, '{"limit": null, "guarantee": "2G"}'),
        ([True, 1.5, "é"], '[true, 1.5, "é"]'),
        ({date(2026, 1, 1): date(2026, 1, 2)}, '{"2026-01-01": "2026-01-02"}'),
        ("", '""'),
        (False, "false"),
        ("text", "text"),
    ],
)
def test_a_given_value_is_shown_as_yaml(value, shown):
    assert display(("custom", "limits"), value) == shown
