"""`hub.services` and `hub.loadRoles`."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from traitlets.config import Config

from z2jh_hub.config.errors import Problem

Make = Callable[..., Config]
Find = Callable[..., dict[str, Problem]]

NO_CULLER = "cull: {enabled: false}"


def test_a_service_has_its_key_for_a_name_and_the_token_of_its_secret(config: Make) -> None:
    text = f"{{{NO_CULLER}, hub: {{services: {{s: {{url: 'http://s'}}}}}}}}"
    c = config(text, secrets={"hub.services.s.apiToken": "token"})
    assert c.JupyterHub.services == [{"name": "s", "url": "http://s", "api_token": "token"}]


@pytest.mark.parametrize("key", ["apiToken", "api_token"])
def test_token_in_the_values_overrides_the_secret(key: str, config: Make) -> None:
    text = f"{{{NO_CULLER}, hub: {{services: {{s: {{name: t, {key}: mine}}}}}}}}"
    c = config(text, secrets={"hub.services.s.apiToken": "made"})
    assert c.JupyterHub.services == [{"name": "t", "api_token": "mine"}]


def test_a_service_that_the_hub_starts_needs_no_token(config: Make) -> None:
    text = f"{{{NO_CULLER}, hub: {{services: {{s: {{command: [a]}}, none: null}}}}}}"
    assert config(text).JupyterHub.services == [{"name": "s", "command": ["a"]}]


def test_roles(config: Make) -> None:
    text = f"{{{NO_CULLER}, hub: {{loadRoles: {{r: {{scopes: [a]}}, s: {{name: t}}, n: null}}}}}}"
    assert config(text).JupyterHub.load_roles == [{"name": "r", "scopes": ["a"]}, {"name": "t"}]


@pytest.mark.parametrize("key", ["services", "loadRoles"])
def test_entry_that_is_not_a_mapping_is_reported(key: str, problems: Find) -> None:
    assert problems(f"hub: {{{key}: {{a: 5}}}}")[f"hub.{key}.a"].given == 5


def test_admin_access_does_not_change_other_roles(config: Make) -> None:
    assert config(f"{{{NO_CULLER}}}").JupyterHub.load_roles == []
