"""`z2jh explain` and `z2jh schema`, and the pages that are made of the same prose."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from z2jh_hub import chart_files, reference
from z2jh_hub.cli import main
from z2jh_hub.explain import UnknownKey, explain, first_sentence

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_a_key_is_told_with_its_kind_default_trait_and_reader() -> None:
    found = explain("hub.baseUrl")
    assert found.text.startswith("The path below which the hub is")
    assert (found.kind, found.default, found.trait) == ("text", "/", "JupyterHub.base_url")
    assert found.read_by == "the hub (sections/hub.py)"


@pytest.mark.parametrize(
    ("key", "old"), [("rbac.create", "rbac.enabled"), ("custom", "hub.extraConfigMap")]
)
def test_the_name_of_2018_is_told(key: str, old: str) -> None:
    assert old in explain(key).old


def test_a_group_tells_its_keys() -> None:
    children = explain("singleuser.memory").children
    assert list(children) == ["limit", "guarantee"]
    assert children["guarantee"] == "What is kept for it."


@pytest.mark.parametrize("key", ["custom.my.own", "hub.config.KubeSpawner.image"])
def test_free_keys_are_free(key: str) -> None:
    assert explain(key).children == {}


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("singleuser.memory.limti", "did you mean singleuser.memory.limit?"),
        ("hubb", "did you mean hub?"),
        ("cull.nothing.like", "cull has no key nothing"),
    ],
)
def test_a_word_spelled_wrong_is_told(key: str, told: str) -> None:
    with pytest.raises(UnknownKey, match=r".") as error:
        explain(key)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("text", "first"),
    [("One. Two.", "One."), ("Such as `1.5`, or two.\nMore.", "Such as `1.5`, or two."), ("", "")],
)
def test_first_sentences(text: str, first: str) -> None:
    assert first_sentence(text) == first


def test_the_command_for_people_and_programs() -> None:
    for_people = CliRunner().invoke(main, ["explain", "cull.timeout"])
    assert for_people.exit_code == 0
    assert "3600" in for_people.output
    for_programs = CliRunner().invoke(main, ["explain", "cull.timeout", "--format", "json"])
    assert json.loads(for_programs.output)["default"] == 3600
    wrong = CliRunner().invoke(main, ["explain", "cull.time"])
    assert wrong.exit_code == 2


def test_the_schema_for_editors_has_its_prose() -> None:
    schema = json.loads(CliRunner().invoke(main, ["schema"]).output)
    assert schema["properties"]["cull"]["description"]
    jsonschema.validate(yaml.safe_load(chart_files.read("values.yaml")), schema)


def test_the_pages_are_fresh() -> None:
    """`make reference` makes them anew."""
    assert {file.name: file.read_text() for file in REFERENCE.glob("*.md")} == reference.pages()
