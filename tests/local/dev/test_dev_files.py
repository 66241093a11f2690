"""`singleuser.extraFiles` in user servers of `z2jh dev`."""

from __future__ import annotations

import base64
import json
import tomllib

import pytest
import yaml
from support.charts import render
from support.dev import Person

from z2jh_hub.config.values import Values
from z2jh_hub.local.dev.secrets import of_files

DATA = {"a": {"b c": [1, 2.5, True, 'x"y\\é', {"d": "e"}]}, "n": None, "text": "line\nline"}
FILES = {
    "hello": {"mountPath": "/home/jovyan/hello.txt", "stringData": "hello"},
    "binary": {
        "mountPath": "/home/jovyan/b.txt",
        "binaryData": base64.b64encode(b"bytes").decode(),
    },
    "json": {"mountPath": "/home/jovyan/data.json", "data": DATA},
    "yaml": {"mountPath": "/home/jovyan/data.yaml", "data": DATA},
    "toml": {"mountPath": "/home/jovyan/data.toml", "data": DATA},
}


def test_a_server_starts_with_its_files_and_later_with_changed_ones(run_dev):
    dev = run_dev({"singleuser": {"extraFiles": FILES}}).ready()
    ada = Person(dev, "ada")
    ada.start()
    assert ada.read("hello.txt") == "hello\n"
    assert ada.read("b.txt") == "bytes"
    assert json.loads(ada.read("data.json")) == DATA
    ada.stop()
    dev.end()

    changed = {"hello": {**FILES["hello"], "stringData": "hello again"}}
    dev = run_dev({"singleuser": {"extraFiles": changed}}, port=dev.port).ready()
    ada.start()
    assert ada.read("hello.txt") == "hello again\n"


@pytest.mark.parametrize(
    ("name", "parse"), [("json", json.loads), ("yaml", yaml.safe_load), ("toml", tomllib.loads)]
)
def test_data_is_what_the_chart_writes(name, parse):
    values = {"singleuser": {"extraFiles": FILES}}
    secret = of_files(Values(values))
    assert secret is not None
    ours = base64.b64decode(secret["data"][name]).decode()
    theirs = render(values).secret("singleuser")[name]
    expected = {k: v for k, v in DATA.items() if name != "toml" or v is not None}
    assert parse(ours) == parse(theirs) == expected


@pytest.mark.parametrize("name", ["hello", "binary"])
def test_text_and_bytes_are_what_the_chart_writes(name):
    values = {"singleuser": {"extraFiles": FILES}, "fullnameOverride": ""}
    secret = of_files(Values(values))
    assert secret is not None
    assert secret["metadata"]["name"] == "singleuser"
    assert (
        base64.b64decode(secret["data"][name]).decode()
        == (render(values).secret("singleuser")[name])
    )


def test_without_files_there_is_no_secret():
    assert of_files(Values({"singleuser": {"extraFiles": {}}})) is None
