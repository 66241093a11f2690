"""The description of the hub image's classes matches its lock file and this code."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from z2jh_hub.check import classes
from z2jh_hub.sandbox import table
from z2jh_hub.spawner import Z2JHKubeSpawner


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "tools")
    return importlib.import_module("trait_tables")


def test_tables_are_made_from_the_current_lock_file(tool):
    assert table.shipped()["packages"] == tool.locked(), "run `make lock`"


def test_every_authenticator_of_the_image_is_described(tool):
    required = [name for name in tool.locked() if "authenticator" in name]
    assert len(required) > 6
    modules = {cls["module"].partition(".")[0] for cls in table.shipped()["classes"].values()}
    assert {name.removeprefix("jupyterhub-") for name in required} <= modules


def test_traits_of_this_project_are_described():
    own = {
        name
        for name, trait in Z2JHKubeSpawner.class_traits(config=True).items()
        if trait.this_class.__module__.startswith("z2jh_hub.")
    }
    described = table.shipped()["classes"]
    assert own
    assert own <= described["KubeSpawner"]["traits"].keys(), "run `make lock`"


def test_every_alias_leads_to_a_trait():
    known = classes.table()["classes"]

    def traits(name: str) -> set[str]:
        classes_of = (name, *known[name]["bases"])
        return {t for one in classes_of for t in known.get(one, {}).get("traits", ())}

    for name, cls in known.items():
        for new in {**cls["aliases"], **cls["removed"]}.values():
            owner, _, trait = new.rpartition(".")
            assert trait in traits(owner or name), (name, new)


def test_descriptions_hold_no_path_of_a_machine():
    assert "/" not in table.FILE.read_text("utf-8").replace("and/or", "").replace("http://", "")


EXTENSION = """\
from traitlets import Unicode
from jupyterhub.auth import Authenticator
class SampleAuthenticator(Authenticator):
    sample_url = Unicode(config=True)
"""


@pytest.mark.processes
def test_an_installed_extension_adds_its_classes(tmp_path, monkeypatch):
    (tmp_path / "sampleauthenticator.py").write_text(EXTENSION)
    info = tmp_path / "jupyterhub_sampleauthenticator-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: jupyterhub-sampleauthenticator\nVersion: 1.0\n")
    (info / "top_level.txt").write_text("sampleauthenticator\n")
    (info / "RECORD").write_text("sampleauthenticator.py,,\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(tmp_path)
    described = classes.table.__wrapped__()["classes"]
    assert "sample_url" in described["SampleAuthenticator"]["traits"]
    shipped = table.shipped()["classes"]
    assert {name: described[name] for name in shipped} == shipped
