"""Our own keys stand in `hub`; their old place in `custom` is read for one release more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from traitlets.config import Config

from z2jh_hub.config.errors import Problem
from z2jh_hub.config.legacy import own_keys
from z2jh_hub.config.sections import hub_quotas, hub_rescue
from z2jh_hub.config.values import Values
from z2jh_hub.failures import custom as failures
from z2jh_hub.migrate.migrate import migrate

Make = Callable[..., Config]
Find = Callable[..., dict[str, Problem]]

OURS: dict[str, Any] = {
    "quotas": {"all": {"servers": 2}, "gone": None},
    "failures": {"no-gpu": {"wait": 2}},
    "rescue": {"enabled": False},
}
THEIRS: dict[str, Any] = {
    "quotas": {"cpu": 3, "home": "10G"},
    "failures": {"webhook": "https://status.example.org"},
    "rescue": "call 112",
}
TRAITS = {"quotas": "quotas", "failures": "failures", "rescue": "rescue_enabled"}


def dumped(place: tuple[str, ...], name: str, value: Any) -> str:
    nested: Any = {name: value}
    for part in reversed(place):
        nested = {part: nested}
    return yaml.safe_dump(nested)


@pytest.mark.parametrize("name", OURS)
def test_the_old_place_is_read_with_a_warning(name: str, config: Make, problems: Find) -> None:
    old, new = (dumped((place,), name, OURS[name]) for place in ("custom", "hub"))
    assert config(old) == config(new)
    assert TRAITS[name] in config(new).KubeSpawner
    problem = problems(old)[f"custom.{name}"]
    assert (problem.severity, problem.message) == (
        "warning",
        f"`custom.{name}` is deprecated; use `hub.{name}`",
    )
    assert problems(new) == {}


@pytest.mark.parametrize("given", [OURS, THEIRS], ids=["the shape of ours", "another shape"])
@pytest.mark.parametrize("name", OURS)
def test_the_old_extra_config_map_is_the_administrators(
    name: str, given: dict[str, Any], config: Make, values: Callable[..., Values]
) -> None:
    text = dumped(("hub", "extraConfigMap"), name, given[name])
    assert TRAITS[name] not in config(text).KubeSpawner
    assert values(text).get(f"custom.{name}") == given[name]


@pytest.mark.parametrize("name", THEIRS)
def test_what_does_not_look_like_ours_stays(
    name: str, config: Make, problems: Find, values: Callable[..., Values]
) -> None:
    text = dumped(("custom",), name, THEIRS[name])
    assert TRAITS[name] not in config(text).KubeSpawner
    assert problems(text) == {}
    assert values(text).get(f"custom.{name}") == THEIRS[name]


def test_both_places_with_different_limits_are_an_error(problems: Find) -> None:
    text = "{custom: {quotas: {all: {servers: 2}}}, hub: {quotas: {all: {servers: 3}}}}"
    assert problems(text)["custom.quotas.all.servers"].severity == "error"


def test_a_misspelled_quota_in_the_old_place_does_not_open_the_hub(problems: Find) -> None:
    found = problems("custom: {quotas: {all: {server: 2}}}")
    assert found["hub.quotas.all.server"].severity == "error"


def test_migrate_rewrites_the_old_place() -> None:
    old = "custom:\n  # ours\n  quotas:\n    all: {servers: 2}\n  word: mine\n"
    found = migrate(old, "config.yaml")
    assert yaml.safe_load(found.after) == {
        "custom": {"word": "mine"},
        "hub": {"quotas": {"all": {"servers": 2}}},
    }
    assert "# ours" in found.after


def test_a_file_with_the_old_place_is_not_of_2018(values: Callable[..., Values]) -> None:
    text = """
        custom: {quotas: {all: {servers: 2}}}
        singleuser: {networkPolicy: {egress: [{ports: [{port: 80}]}]}}
        """
    assert values(text).get("singleuser.networkPolicy.egressAllowRules.nonPrivateIPs") is True


def test_the_keys_of_the_shapes_are_those_of_the_sections() -> None:
    assert set(own_keys.QUOTA) == hub_quotas.PARTS.keys()
    assert set(own_keys.FAILURE) == set(failures.FIELDS)
    prefix = f"{hub_rescue.RESCUE}."
    below = {key.path.removeprefix(prefix) for key in hub_rescue.KEYS if prefix in key.path}
    assert set(own_keys.RESCUE) == {name for name in below if "." not in name}
