"""`z2jh explain`, `z2jh schema` and the reference pages, which share their descriptions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from z2jh_hub.chart import chart_files
from z2jh_hub.cli import main
from z2jh_hub.inspect import reference
from z2jh_hub.inspect.explain import UnknownKey, explain, first_sentence, prose

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_a_key_has_a_description_type_default_trait_and_reader() -> None:
    explanation = explain("hub.baseUrl")
    assert explanation.text.startswith("URL path of the hub")
    assert (explanation.kind, explanation.default, explanation.trait) == (
        "string",
        "/",
        "JupyterHub.base_url",
    )
    assert explanation.read_by == "the hub (config/sections/hub.py)"


@pytest.mark.parametrize(
    ("key", "old"), [("rbac.create", "rbac.enabled"), ("custom", "hub.extraConfigMap")]
)
def test_the_deprecated_name_of_a_key_is_shown(key: str, old: str) -> None:
    assert old in explain(key).old


def test_a_part_lists_its_keys_with_their_first_sentences() -> None:
    children = explain("singleuser.memory").children
    assert list(children) == ["limit", "guarantee"]
    assert children["guarantee"] == "Memory reserved for each user server."


@pytest.mark.parametrize(
    ("key", "part_of_the_text", "read_by"),
    [
        ("custom.my.own", "Values for your own code", "your own code, with z2jh.get_config"),
        (
            "hub.config.KubeSpawner",
            "Traits of one class",
            "the hub (config/sections/hub_config.py)",
        ),
        (
            "hub.config.KubeSpawner.image",
            "`KubeSpawner`",
            "the hub (config/sections/hub_config.py)",
        ),
        ("hub.extraConfig.mine", "A snippet of Python", "the hub (config/snippets.py)"),
        ("hub.templateVars.announcement", "page templates", "the hub (config/sections/hub.py)"),
        ("hub.services.grader.url", "URL", "the hub (config/sections/hub_services.py)"),
        ("hub.labels.team", "Labels added to the hub pod", "the chart's templates"),
        ("hub.resources.limits.cpu", "Resource requests and limits", "the chart's templates"),
        ("hub.livenessProbe.terminationGracePeriodSeconds", "Liveness", "the chart's templates"),
        ("hub.extraFiles.motd.mountPath", "Absolute path", "the chart's templates"),
        ("singleuser.profileList.0", "Profiles", "the hub (config/sections/singleuser.py)"),
        ("global.mine", "parent chart", "subcharts of a parent chart"),
    ],
)
def test_keys_below_a_free_mapping_are_described(
    key: str, part_of_the_text: str, read_by: str
) -> None:
    explanation = explain(key)
    assert part_of_the_text in explanation.text
    assert explanation.read_by == read_by


def keys(above: str = "") -> Iterator[str]:
    """Yield every key that the schema names."""
    for name in prose().children(tuple(above.split(".")) if above else ()):
        key = f"{above}.{name}" if above else name
        yield key
        yield from keys(key)


def test_every_key_has_a_description() -> None:
    assert [key for key in keys() if len(explain(key).text.split()) < 3] == []


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("singleuser.memory.limti", "did you mean singleuser.memory.limit?"),
        ("hubb", "did you mean hub?"),
        ("cull.nothing.like", "cull has no key nothing"),
        ("hub.baseUrl.path", "hub.baseUrl has no key path"),
        ("hub.livenessProbe.periodSecond", "did you mean hub.livenessProbe.periodSeconds?"),
    ],
)
def test_an_unknown_key_is_an_error_that_suggests_a_known_one(key: str, message: str) -> None:
    with pytest.raises(UnknownKey, match=r".") as error:
        explain(key)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("name", "suggested"),
    [
        ("storage", "singleuser.storage"),
        ("announcement", "hub.templateVars.announcement"),
        ("authenticator_class", "hub.config.JupyterHub.authenticator_class"),
        ("profileList", "singleuser.profileList"),
        ("hub.profileList", "singleuser.profileList"),
        ("mem_limit", "singleuser.memory.limit"),
    ],
)
def test_a_name_from_another_part_of_the_values_is_found(name: str, suggested: str) -> None:
    try:
        answer = explain(name).text  # the description of a deprecated key names its replacement
    except UnknownKey as error:
        answer = str(error).partition("did you mean ")[2]
    assert re.search(rf"^(Deprecated.*`)?{re.escape(suggested)}\b", answer)


def test_many_suggestions_are_counted_not_listed() -> None:
    with pytest.raises(UnknownKey, match=r"\(and \d+ more\)\?$"):
        explain("tolerations")


@pytest.mark.parametrize(
    ("text", "first"),
    [("One. Two.", "One."), ("Such as `1.5`, or two.\nMore.", "Such as `1.5`, or two."), ("", "")],
)
def test_first_sentences(text: str, first: str) -> None:
    assert first_sentence(text) == first


def test_command_prints_text_or_json() -> None:
    for_people = CliRunner().invoke(main, ["explain", "cull.timeout"])
    assert for_people.exit_code == 0
    assert "3600" in for_people.output
    for_programs = CliRunner().invoke(main, ["explain", "cull.timeout", "--format", "json"])
    assert json.loads(for_programs.output)["default"] == 3600
    wrong = CliRunner().invoke(main, ["explain", "cull.time"])
    assert wrong.exit_code == 2


def test_schema_for_editors_has_descriptions() -> None:
    schema = json.loads(CliRunner().invoke(main, ["schema"]).output)
    assert schema["properties"]["cull"]["description"]
    jsonschema.validate(yaml.safe_load(chart_files.read("values.yaml")), schema)


def test_the_reference_pages_are_up_to_date() -> None:
    """`make reference` generates them."""
    assert {file.name: file.read_text() for file in REFERENCE.glob("*.md")} == reference.pages()
