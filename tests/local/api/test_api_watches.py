"""Watches and lists, as KubeSpawner's reflectors and kubectl use them."""

from __future__ import annotations

import asyncio
import time

import pytest
from conformance.client import MERGE
from kubernetes_asyncio import client, watch

from z2jh_hub.local.objects.resources import CONFIG_MAPS
from z2jh_hub.local.objects.status import StatusError
from z2jh_hub.local.objects.store import Store

NS = "jh"
POD = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "x"}]}}


def config(name: str, **labels: str):
    return {"metadata": {"name": name, "labels": labels}}


def named(events: list) -> list[tuple[str, str]]:
    return [(event["type"], event["object"]["metadata"]["name"]) for event in events]


def test_watch_continues_strictly_after_its_version(store):
    first = store.create(CONFIG_MAPS, NS, config("a"))
    store.create(CONFIG_MAPS, NS, config("b"))
    store.create(CONFIG_MAPS, "other", config("c"))
    later = store.watch(CONFIG_MAPS, NS, int(first["metadata"]["resourceVersion"]))
    assert [event.obj["metadata"]["name"] for event in later.drain()] == ["b"]


def test_forgotten_version_is_410():
    store = Store(history=2, namespaces=[NS])
    first = int(store.create(CONFIG_MAPS, NS, config("a"))["metadata"]["resourceVersion"])
    for name in "bcd":
        store.create(CONFIG_MAPS, NS, config(name))
    with pytest.raises(StatusError) as caught:
        store.watch(CONFIG_MAPS, NS, first)
    assert caught.value.code == 410
    assert len(store.watch(CONFIG_MAPS, NS, first + 1).drain()) == 2


async def test_an_object_that_leaves_the_selector_is_deleted(api):
    start = (await api.get("configmaps")).version
    selecting = {"resourceVersion": start, "labelSelector": "x=1"}
    async with api.watching("configmaps", **selecting) as events:
        await api.post("configmaps", config("a", x="1"))
        await api.patch("configmaps/a", {"metadata": {"labels": {"x": "2"}}}, MERGE)
        await api.patch("configmaps/a", {"metadata": {"labels": {"x": "1"}}}, MERGE)
        received = named(await events.take(3))
    assert received == [("ADDED", "a"), ("DELETED", "a"), ("ADDED", "a")]


async def test_a_watch_ends_cleanly_at_its_time(api):
    await api.post("configmaps", config("a"))
    begun = time.monotonic()
    async with api.watching("configmaps", timeoutSeconds="1") as events:
        assert named(await events.rest()) == [("ADDED", "a")]
    assert time.monotonic() - begun >= 1


async def test_requested_bookmark_is_sent_at_the_end(api):
    async with api.watching("configmaps", timeoutSeconds="1", allowWatchBookmarks="true") as events:
        (mark,) = await events.rest()
    assert mark["type"] == "BOOKMARK"
    assert mark["object"]["metadata"]["resourceVersion"].isdigit()


async def test_dropped_watch_ends_and_missed_events_are_replayed(api, faults):
    start = (await api.get("configmaps")).version
    async with api.watching("configmaps", resourceVersion=start) as events:
        faults.drop_watches()
        assert await events.rest() == []
    await api.post("configmaps", config("a"))
    async with api.watching("configmaps", resourceVersion=start) as events:
        assert named(await events.take(1)) == [("ADDED", "a")]


async def test_an_expired_watch_is_an_error_event(api, faults):
    faults.expire("configmaps", times=1)
    async with api.watching("configmaps", resourceVersion="1") as events:
        (event,) = await events.rest()
    assert (event["type"], event["object"]["code"]) == ("ERROR", 410)
    async with api.watching("configmaps", timeoutSeconds="1") as events:
        assert await events.rest() == []


async def test_pages_show_one_version(api):
    for name in "abcd":
        await api.post("configmaps", config(name))
    first = await api.get("configmaps", limit="3")
    await api.delete("configmaps/d")
    rest = await api.get("configmaps", **{"continue": first["metadata"]["continue"]})
    names = [each["metadata"]["name"] for each in first["items"] + rest["items"]]
    assert names == list("abcd")
    assert first.version == rest.version


async def test_a_list_from_the_future_is_504(api):
    future = {"resourceVersion": "99999", "resourceVersionMatch": "NotOlderThan"}
    assert (await api.get("pods", **future)).status == 504
    past = {"resourceVersion": "0", "resourceVersionMatch": "NotOlderThan"}
    assert (await api.get("pods", **past)).status == 200


async def test_client_of_a_reflector_lists_and_watches(api, url):
    """The client and requests of KubeSpawner's reflector (`watch=True`)."""
    configuration = client.Configuration(host=url)
    configuration.api_key = {"BearerToken": "Bearer right"}
    async with client.ApiClient(configuration) as plain:
        core = client.CoreV1Api(plain)
        labels = {"label_selector": "component=singleuser-server"}
        listed = await core.list_namespaced_pod(NS, resource_version="0", **labels)
        assert listed.items == []
        labelled = POD | {"metadata": {"name": "p", "labels": {"component": "singleuser-server"}}}
        asyncio.get_running_loop().call_later(
            0.05, lambda: tasks.append(asyncio.ensure_future(api.post("pods", labelled)))
        )
        tasks: list[asyncio.Future] = []
        received = []
        async with watch.Watch().stream(
            core.list_namespaced_pod,
            NS,
            resource_version=listed.metadata.resource_version,
            timeout_seconds=10,
            **labels,
        ) as stream:
            async for event in stream:
                received.append((event["type"], event["raw_object"]["status"]["phase"]))
                break
        await asyncio.gather(*tasks)
    assert received == [("ADDED", "Pending")]
