"""The store: contents, errors, and deletion of objects."""

from __future__ import annotations

import pytest

from z2jh_hub.local.objects.resources import CLAIMS, CONFIG_MAPS, NAMESPACES, PODS
from z2jh_hub.local.objects.status import StatusError
from z2jh_hub.local.objects.store import Store

NS = "jh"


def config(name: str, **metadata):
    return {"metadata": {"name": name, **metadata}}


def pod(name: str, *, claim: str = "", node: str = ""):
    spec = {"containers": [{"name": "c", "image": "x"}]}
    if claim:
        spec["volumes"] = [{"name": "v", "persistentVolumeClaim": {"claimName": claim}}]
    return {"metadata": {"name": name}, "spec": spec | ({"nodeName": node} if node else {})}


def claim(name: str):
    request = {"resources": {"requests": {"storage": "1Gi"}}, "accessModes": ["ReadWriteOnce"]}
    return {"metadata": {"name": name}, "spec": request}


def refused(call, *arguments, **more) -> StatusError:
    with pytest.raises(StatusError) as caught:
        call(*arguments, **more)
    return caught.value


def test_created_pod_has_all_defaults_in_the_first_event(store):
    watch = store.watch(PODS, NS)
    store.create(PODS, NS, pod("p"))
    (event,) = watch.drain()
    metadata = event.obj["metadata"]
    assert (event.type, event.obj["status"]["phase"]) == ("ADDED", "Pending")
    assert metadata["uid"]
    assert metadata["namespace"] == NS
    assert metadata["creationTimestamp"]
    assert int(metadata["resourceVersion"]) == store.version


def test_versions_count_up_over_all_kinds(store):
    made = [
        store.create(CONFIG_MAPS, NS, config("a")),
        store.create(PODS, NS, pod("p")),
        store.update(CONFIG_MAPS, NS, "a", config("a") | {"data": {"x": "y"}}),
    ]
    numbers = [int(each["metadata"]["resourceVersion"]) for each in made]
    assert numbers == sorted(set(numbers))
    assert store.list(PODS, NS)[1] == numbers[-1]


def test_returned_objects_do_not_change_later(store):
    before = store.create(CONFIG_MAPS, NS, config("a") | {"data": {"x": "1"}})
    store.modify(CONFIG_MAPS, NS, "a", lambda obj: obj["data"].update(x="2"))
    assert before["data"] == {"x": "1"}
    assert store.get(CONFIG_MAPS, NS, "a")["data"] == {"x": "2"}


def test_errors_have_the_codes_that_clients_read(store):
    made = store.create(CONFIG_MAPS, NS, config("a"))
    store.update(CONFIG_MAPS, NS, "a", {**made, "data": {"x": "1"}})
    assert refused(store.create, CONFIG_MAPS, NS, config("a")).reason == "AlreadyExists"
    assert refused(store.update, CONFIG_MAPS, NS, "a", {**made, "data": {}}).code == 409
    assert refused(store.get, CONFIG_MAPS, NS, "b").code == 404
    assert refused(store.create, CONFIG_MAPS, "nowhere", config("a")).code == 404
    assert refused(store.create, PODS, NS, {"metadata": {"name": "P"}, "spec": {}}).code == 422


@pytest.mark.parametrize(("node", "left"), [("", 0), ("local", 1)])
def test_deleted_pod_stays_until_its_kubelet_has_stopped_it(store, node, left):
    store.create(PODS, NS, pod("p", node=node))
    store.delete(PODS, NS, "p", grace_seconds=5)
    pods, _ = store.list(PODS, NS)
    assert len(pods) == left
    for each in pods:
        assert each["metadata"]["deletionGracePeriodSeconds"] == 5
        assert each["metadata"]["deletionTimestamp"]
    store.remove(PODS, NS, "p")
    assert store.list(PODS, NS)[0] == []


def test_late_status_of_a_pod_does_not_change_its_successor(store):
    first = store.create(PODS, NS, pod("p"))
    store.remove(PODS, NS, "p")
    store.create(PODS, NS, pod("p"))
    store.remove(PODS, NS, "p", first["metadata"]["uid"])
    assert store.find(PODS, NS, "p")


def test_claim_in_use_is_deleted_after_its_pod(store):
    store.create(CLAIMS, NS, claim("c"))
    store.create(PODS, NS, pod("p", claim="c", node="local"))
    store.delete(CLAIMS, NS, "c")
    assert store.get(CLAIMS, NS, "c")["metadata"]["deletionTimestamp"]
    store.remove(PODS, NS, "p")
    assert store.find(CLAIMS, NS, "c") is None


@pytest.mark.parametrize(("propagation", "left"), [(None, False), ("Orphan", True)])
def test_dependents_are_deleted_with_their_owner_unless_orphaned(store, propagation, left):
    owner = store.create(PODS, NS, pod("p"))["metadata"]
    reference = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": owner["uid"]}
    store.create(CONFIG_MAPS, NS, config("m", ownerReferences=[reference]))
    store.delete(PODS, NS, "p", propagation=propagation)
    stored = store.find(CONFIG_MAPS, NS, "m")
    assert (stored is not None) is left
    if stored:
        assert "ownerReferences" not in stored.obj["metadata"]


def test_deleting_a_namespace_deletes_its_objects(store):
    store.create(CONFIG_MAPS, NS, config("stored", finalizers=["a.b/c"]))
    store.create(PODS, NS, pod("p"))
    store.delete(NAMESPACES, None, NS)
    assert store.list(PODS, NS)[0] == []
    assert refused(store.create, PODS, NS, pod("q")).code == 403
    store.modify(CONFIG_MAPS, NS, "stored", lambda obj: obj["metadata"].pop("finalizers"))
    assert store.find(NAMESPACES, None, NS) is None


def test_restored_store_has_its_objects_and_rejects_old_versions(store):
    store.create(PODS, NS, pod("p", claim="c"))
    before = store.version
    again = Store()
    again.restore(store.snapshot())
    assert again.get(PODS, NS, "p") == store.get(PODS, NS, "p")
    assert again.version > before
    assert refused(again.watch, PODS, NS, before).code == 410
