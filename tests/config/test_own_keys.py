"""This project's own keys are in `hub`; those in `custom` are read for one more release."""

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
def test_deprecated_key_is_read_with_a_warning(name: str, config: Make, problems: Find) -> None:
    old, new = (dumped((place,), name, OURS[name]) for place in ("custom", "hub"))
    assert config(old) == config(new)
    assert TRAITS[name] in config(new).KubeSpawner
    problem = problems(old)[f"custom.{name}"]
    assert (problem.severity, problem.message) == (
        "warning",
        f"`custom.{name}` is deprecated; use `hub.{name}`",
    )
    assert problems(new) == {}


@pytest.mark.parametrize("content", [OURS, THEIRS], ids=["the shape of ours", "another shape"])
@pytest.mark.parametrize("name", OURS)
def test_extra_config_map_stays_the_administrators(
    name: str, content: dict[str, Any], config: Make, values: Callable[..., Values]
) -> None:
    text = dumped(("hub", "extraConfigMap"), name, content[name])
    assert TRAITS[name] not in config(text).KubeSpawner
    assert values(text).get(f"custom.{name}") == content[name]


@pytest.mark.parametrize("name", THEIRS)
def test_values_of_another_shape_are_unchanged(
    name: str, config: Make, problems: Find, values: Callable[..., Values]
) -> None:
    text = dumped(("custom",), name, THEIRS[name])
    assert TRAITS[name] not in config(text).KubeSpawner
    assert problems(text) == {}
    assert values(text).get(f"custom.{name}") == THEIRS[name]


def test_different_limits_at_both_keys_are_an_error(problems: Find) -> None:
    text = "{custom: {quotas: {all: {servers: 2}}}, hub: {quotas: {all: {servers: 3}}}}"
    assert problems(text)["custom.quotas.all.servers"].severity == "error"


def test_misspelled_quota_at_the_deprecated_key_is_an_error(problems: Find) -> None:
    result = problems("custom: {quotas: {all: {server: 2}}}")
    assert result["hub.quotas.all.server"].severity == "error"


def test_migrate_rewrites_the_deprecated_key() -> None:
    old = "custom:\n  # ours\n  quotas:\n    all: {servers: 2}\n  word: mine\n"
    result = migrate(old, "config.yaml")
    assert yaml.safe_load(result.after) == {
        "custom": {"word": "mine"},
        "hub": {"quotas": {"all": {"servers": 2}}},
    }
    assert "# ours" in result.after


def test_own_deprecated_key_does_not_change_the_meaning_of_egress(
    values: Callable[..., Values],
) -> None:
    text = """
        custom: {quotas: {all: {servers: 2}}}
        singleuser: {networkPolicy: {egress: [{ports: [{port: 80}]}]}}
        """
    assert values(text).get("singleuser.networkPolicy.egressAllowRules.nonPrivateIPs") is True


def test_known_keys_equal_those_of_the_sections() -> None:
    assert set(own_keys.QUOTA) == hub_quotas.PARTS.keys()
    assert set(own_keys.FAILURE) == set(failures.FIELDS)
    prefix = f"{hub_rescue.RESCUE}."
    below = {key.path.removeprefix(prefix) for key in hub_rescue.KEYS if prefix in key.path}
    assert set(own_keys.RESCUE) == {name for name in below if "." not in name}
