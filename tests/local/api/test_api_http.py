"""Requests and errors: patches, apply, tables, tokens and messages."""

from __future__ import annotations

import aiohttp
import pytest
from conformance.client import APPLY, JSON_PATCH, MERGE, STRATEGIC, TABLE

from z2jh_hub.local.api.app import MAX_BODY, server_url
from z2jh_hub.local.objects.selectors import fields, labels
from z2jh_hub.local.objects.status import StatusError

PODS = "/api/v1/namespaces/jh/pods"


def pod(**labels: str):
    containers = [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y:1"}]
    return {"metadata": {"name": "p", "labels": labels}, "spec": {"containers": containers}}


@pytest.mark.parametrize(
    ("kind", "patch", "images"),
    [
        (STRATEGIC, {"spec": {"containers": [{"name": "b", "image": "z"}]}}, ["x:1", "z"]),
        (
            JSON_PATCH,
            [{"op": "replace", "path": "/spec/containers/0/image", "value": "z"}],
            ["z", "y:1"],
        ),
        (MERGE, {"metadata": {"labels": {"n": None}}}, ["x:1", "y:1"]),
    ],
    ids=["strategic", "json", "merge"],
)
async def test_each_type_of_patch(api, kind, patch, images):
    await api.post("pods", pod(n="1"))
    changed = await api.patch("pods/p", patch, kind)
    assert changed.status == 200
    assert [each["image"] for each in changed["spec"]["containers"]] == images
    assert changed["metadata"].get("labels") == (None if kind == MERGE else {"n": "1"})


async def test_apply_owns_the_fields_that_it_sets(api):
    def applied(manager: str, data: dict[str, str], **query: str):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": data}
        return api.patch("configmaps/m", body, APPLY, fieldManager=manager, **query)

    assert (await applied("a", {"x": "1", "y": "1"})).status == 201
    assert (await applied("a", {"x": "1"}))["data"] == {"x": "1"}
    refused = await applied("b", {"x": "2"})
    assert (refused.status, refused["details"]["causes"][0]["field"]) == (409, ".data.x")
    assert (await applied("b", {"x": "2"}, force="true"))["data"] == {"x": "2"}
    managers = (await api.get("configmaps/m"))["metadata"]["managedFields"]
    assert [entry["manager"] for entry in managers] == ["b"]


async def test_a_refusal_is_a_status_with_a_message(api):
    missing = await api.get("pods/p")
    assert missing.status == 404
    assert missing["kind"] == "Status"
    assert missing["message"] == 'pods "p" not found'


async def test_protobuf_is_rejected_with_a_hint(api):
    answer = await api.post("pods", "k8s", kind="application/vnd.kubernetes.protobuf")
    assert answer.status == 415
    assert "kubectl apply -f" in answer["message"]


async def test_tables_for_kubectl(api):
    await api.post("pods", pod())
    table = await api.get("pods", accept=TABLE)
    assert table["kind"] == "Table"
    names = [column["name"] for column in table["columnDefinitions"]]
    row = dict(zip(names, table["rows"][0]["cells"], strict=True))
    assert (row["Name"], row["Ready"], row["Status"], row["Restarts"]) == (
        "p",
        "0/2",
        "Pending",
        "0",
    )


async def test_token_is_accepted_in_header_or_query(url):
    port = int(url.rpartition(":")[2])
    async with aiohttp.ClientSession() as session:
        assert (await session.get(f"{url}{PODS}")).status == 401
        wrong = {"Authorization": "Bearer wrong"}
        assert (await session.get(f"{url}{PODS}", headers=wrong)).status == 401
        assert (await session.get(server_url(port, "right") + PODS)).status == 200
        assert (await session.get(server_url(port, "wrong") + PODS)).status == 401
        assert (await session.get(f"{url}/readyz")).status == 200


@pytest.mark.filterwarnings("ignore:Sending a large body")
async def test_a_body_that_is_too_large_is_413(api):
    body = {"metadata": {"name": "m"}, "data": {"x": "y" * (MAX_BODY + 1)}}
    assert (await api.post("configmaps", body)).status == 413


async def test_missing_objects_are_404(api):
    assert (await api.get("pods/p/log")).status == 404
    await api.post("pods", pod())
    assert (await api.get("pods/p/log")).status == 400  # which of the two containers?
    assert (await api.get("pods/p/log", container="a")).status == 501
    assert (await api.call("PUT", "pods", pod())).status == 405


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ("x=1", "a"), ("x!=1", "bc"), ("x", "ab"), ("!x", "c"), ("x in (1,2),y", "b"),
        ("x notin (1)", "bc"), ("", "abc"),
    ],
)  # fmt: skip
def test_label_selectors(selector, chosen):
    objects = {"a": {"x": "1"}, "b": {"x": "2", "y": ""}, "c": None}
    matches = labels(selector)
    matching = [n for n, own in objects.items() if not matches or matches.matches(_labelled(own))]
    assert "".join(matching) == chosen


def _labelled(labels_):
    return {"metadata": {"labels": labels_}}


@pytest.mark.parametrize("wrong", ["a b", "a===b", "x in 1", "=y"])
def test_invalid_label_selector_is_400(wrong):
    with pytest.raises(StatusError) as caught:
        labels(wrong)
    assert caught.value.code == 400


def test_a_field_that_cannot_be_selected_by_is_400():
    assert fields("status.phase=Running", ["status.phase"])
    with pytest.raises(StatusError, match="field label not supported: spec"):
        fields("spec.x=1", ["status.phase"])
