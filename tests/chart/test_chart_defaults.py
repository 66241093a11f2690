"""The objects without any value, and deterministic rendering."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml
from support.charts import SCENARIOS, Objects, forget, read, render

SNAPSHOT = Path(__file__).parent / "defaults.yaml"
scenario = pytest.mark.parametrize(
    "values", [pytest.param(read(s), id=s.name.removesuffix("-values.yaml")) for s in SCENARIOS]
)


def shown(objects: Objects) -> str:
    """Return the objects as YAML, without checksums, encoded values and the version."""
    for doc in objects.docs:
        if doc["kind"] == "Secret" and "values.yaml" in (doc.get("data") or {}):
            doc["data"]["values.yaml"] = "…"
    text = yaml.safe_dump_all(objects.docs, sort_keys=True, allow_unicode=True)
    text = re.sub(r"(checksum/[a-z-]+): .*", r"\1: …", text)
    text = re.sub(r"(z2jh-(?:hub|singleuser)):.*", r"\1:…", text)
    text = re.sub(r"(checksum_hook-image-puller: |--checksum=)\w+", r"\1…", text)
    return re.sub(r"((?:helm.sh/)?chart: jupyterhub)-.*", r"\1-…", text)


def test_default_objects_are_those_of_the_snapshot() -> None:
    """`Z2JH_UPDATE_SNAPSHOT=1` writes the snapshot; review the difference before committing it."""
    text = shown(Objects(render().text))
    if os.environ.get("Z2JH_UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(text, "utf-8")
    assert text == SNAPSHOT.read_text("utf-8")


@scenario
def test_another_revision_renders_the_same_bytes(values: object) -> None:
    assert render(values).text == render(values, revision=2).text


def test_rendering_twice_renders_the_same_bytes() -> None:
    once = render("custom: {a: 1}").text
    forget()
    assert once == render("custom: {a: 1}").text


LONG = "a-release-whose-name-is-as-long-as-helm-lets-it-be-53"


@scenario
@pytest.mark.parametrize(
    "override", [{}, {"fullnameOverride": None}, {"fullnameOverride": "x" * 60}]
)
def test_names_and_labels_are_at_most_63_characters(values: dict, override: dict) -> None:
    objects = render({**values, **override}, release=LONG)
    for doc in objects.docs:
        assert len(doc["metadata"]["name"]) <= 63
        assert all(len(v) <= 63 for v in doc["metadata"]["labels"].values())


def test_long_names_stay_apart() -> None:
    one, two = (set(render({"fullnameOverride": "x" * 60 + end})) for end in ("a", "b"))
    assert not one & two


@scenario
def test_config_maps_contain_no_secret(values: dict) -> None:
    """Secrets of a scenario appear only in Secrets."""
    secrets = re.compile(r"[012]123456789abcdef|not-a-|bm90IGEg")
    for doc in render(values).docs:
        if doc["kind"] != "Secret":
            text = yaml.safe_dump(doc)
            text = re.sub(r"sha256:[0-9a-f]{64}", "", text)  # of an image
            assert not secrets.search(text), doc["metadata"]["name"]
