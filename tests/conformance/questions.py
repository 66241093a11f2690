"""The questions to both APIs: small scenarios, by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from .client import APPLY, JSON_PATCH, MERGE, STRATEGIC, TABLE, Api

Question = Callable[[Api], Awaitable[None]]
QUESTIONS: dict[str, Question] = {}

CONTAINER = {"name": "c", "image": "busybox:1"}
CLAIM_SPEC = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}


def question(ask: Question) -> Question:
    QUESTIONS[ask.__name__] = ask
    return ask


def each(name: str, *calls: tuple[Any, ...]) -> None:
    """Add a question that is a list of calls: (method, path, body, content type and query)."""

    async def ask(api: Api) -> None:
        for method, path, *rest in calls:
            body = rest[0] if rest else None
            more = rest[1] if len(rest) > 1 else {}
            await api.call(method, path, body, **more)

    QUESTIONS[name] = ask


def pod(name: str = "p", *, labels: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name} | ({"labels": labels} if labels else {})
    return {"metadata": metadata, "spec": {"containers": [CONTAINER], **spec}}


def with_containers(*containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "p"}, "spec": {"containers": list(containers), **spec}}


def config(name: str = "m", **data: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "data": data}


def claim(name: str = "c", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {**CLAIM_SPEC, **spec}}


def event(name: str, ns: str, **more: Any) -> dict[str, Any]:
    involved = {"kind": "Pod", "namespace": ns, "name": "p"}
    return {"metadata": {"name": name}, "involvedObject": involved, **more}


# create, get, and defaults

each("pod_minimal", ("POST", "pods", pod()), ("GET", "pods/p"), ("GET", "pods"))
each("pod_status_is_not_the_clients", ("POST", "pods", {**pod(), "status": {"phase": "Running"}}))
each(
    "pod_defaults_of_containers",
    ("POST", "pods", with_containers(
        {"name": "a", "image": "x", "ports": [{"containerPort": 8888, "name": "notebook-port"}]},
        {"name": "b", "image": "r.io:5000/x/y:1.2", "securityContext": {}, "command": [],
         "env": [{"name": "A", "value": "1"}, {"name": "E", "value": ""},
                 {"name": "N", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                 {"name": "L", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}]},
        {"name": "d", "image": "x:latest",
         "readinessProbe": {"httpGet": {"port": 1}}, "livenessProbe": {"tcpSocket": {"port": 2}},
         "startupProbe": {"exec": {"command": ["true"]}, "periodSeconds": 3},
         "lifecycle": {"postStart": {"exec": {"command": ["a"]}},
                       "preStop": {"httpGet": {"port": 1}}}},
        initContainers=[{"name": "i", "image": "x@sha256:" + "0" * 64}],
    )),
)  # fmt: skip
each(
    "pod_defaults_of_volumes",
    ("POST", "pods", pod(volumes=[
        {"name": "n"},
        {"name": "e", "emptyDir": {}},
        {"name": "s", "secret": {"secretName": "s"}},
        {"name": "m", "configMap": {"name": "m", "optional": False}},
        {"name": "h", "hostPath": {"path": "/x"}},
        {"name": "c", "persistentVolumeClaim": {"claimName": "c"}},
        {"name": "d", "downwardAPI": {"items": [
            {"path": "a", "fieldRef": {"fieldPath": "metadata.labels"}}]}},
        {"name": "p", "projected": {"sources": [{"secret": {"name": "s"}}]}},
        {"name": "f", "nfs": {"server": "a", "path": "/b"}},
    ])),
)  # fmt: skip
each(
    "pod_quantities",
    ("POST", "pods", with_containers(
        {**CONTAINER, "resources": {"limits": {"cpu": 0.5, "memory": 1073741824},
                                    "requests": {"memory": "1.5Mi", "cpu": "0.1"}}},
        {"name": "d", "image": "x", "resources": {
            "limits": {"memory": "1024Mi", "cpu": "2000m", "nvidia.com/gpu": 1}}},
    )),
)  # fmt: skip
each(
    "pod_quality_guaranteed",
    ("POST", "pods", with_containers(
        {**CONTAINER, "resources": {"limits": {"cpu": "1", "memory": "1G"}}})),
)  # fmt: skip
each(
    "pod_host_network_and_account",
    ("POST", "pods", with_containers(
        {**CONTAINER, "ports": [{"containerPort": 80}]}, hostNetwork=True, hostPID=False,
        serviceAccountName="hub", automountServiceAccountToken=False, restartPolicy="OnFailure",
        terminationGracePeriodSeconds=0, securityContext={"fsGroup": 100},
    )),
)  # fmt: skip
each(
    "pod_tolerations",
    ("POST", "pods", pod(tolerations=[
        {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute",
         "tolerationSeconds": 5},
        {"key": "hub.jupyter.org/dedicated", "operator": "Equal", "value": "user",
         "effect": "NoSchedule"}])),
    ("POST", "pods", {**pod("all", tolerations=[{"operator": "Exists"}])}),
)  # fmt: skip
each(
    "pod_empty_and_null_fields",
    ("POST", "pods", {
        "metadata": {"name": "p", "labels": {}, "annotations": None, "ownerReferences": []},
        "spec": {"containers": [{**CONTAINER, "args": None, "env": [], "volumeMounts": []}],
                 "nodeSelector": {}, "volumes": [], "affinity": {}, "initContainers": None}}),
)  # fmt: skip
each("claim_defaults", ("POST", "persistentvolumeclaims", claim()))
each(
    "claim_storage_class_empty",
    ("POST", "persistentvolumeclaims", claim(storageClassName="", volumeName="v")),
)
each("secret_string_data", ("POST", "secrets", {
    "metadata": {"name": "s"}, "stringData": {"a": "b"}, "data": {"c": "ZA=="}}))  # fmt: skip
each("secret_type", ("POST", "secrets", {
    "metadata": {"name": "s"}, "type": "x.io/y", "immutable": True}))  # fmt: skip
each("service_cluster_ip", ("POST", "services", {
    "metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}], "selector": {"a": "b"}}}))  # fmt: skip
each("service_external_name", ("POST", "services", {
    "metadata": {"name": "s"}, "spec": {"type": "ExternalName", "externalName": "a.b"}}))  # fmt: skip
each("service_headless", ("POST", "services", {
    "metadata": {"name": "s"}, "spec": {"clusterIP": "None", "ports": [{"port": 80}]}}))  # fmt: skip
each("namespace_created", ("POST", "/api/v1/namespaces", {
    "metadata": {"name": "made"}}, {"dryRun": "All"}))  # fmt: skip
each("config_map", ("POST", "configmaps", config(a="b")), ("GET", "configmaps"))
each("deployment", ("POST", "/apis/apps/v1/namespaces/default/deployments", {
    "metadata": {"name": "d"}, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": {
        "metadata": {"labels": {"a": "b"}}, "spec": {"containers": [CONTAINER]}}}},
    {"dryRun": "All"}))  # fmt: skip


@question
async def event_defaults(api: Api) -> None:
    await api.post("events", event("e", api.ns, type="Normal", reason="r", message="m", count=2))
    await api.get("events/e")


@question
async def generated_names_differ(api: Api) -> None:
    made = [
        (await api.post("configmaps", {"metadata": {"generateName": "g-"}})).body["metadata"]
        for _ in range(2)
    ]
    assert made[0]["name"] != made[1]["name"]
    for answer in api.answers:
        metadata = answer.body["metadata"]
        assert metadata["name"].startswith("g-")
        metadata["name"] = f"g- and {len(metadata['name']) - 2} letters"


# errors

each("create_twice", ("POST", "pods", pod()), ("POST", "pods", pod()))
each("not_there", ("GET", "pods/x"), ("DELETE", "pods/x"), ("PUT", "pods/x", pod("x")),
     ("PATCH", "pods/x", {}, {"kind": MERGE}), ("GET", "pods/x/status"))  # fmt: skip
each("namespace_not_there",
     ("POST", "/api/v1/namespaces/nowhere/pods", pod()),
     ("GET", "/api/v1/namespaces/nowhere/pods"),
     ("GET", "/api/v1/namespaces/nowhere/pods/x"))  # fmt: skip
each("kind_not_there", ("GET", "foos"), ("GET", "pods/p/foo"))
each("method_not_allowed", ("PUT", "pods", pod()), ("POST", "pods/p", pod()),
     ("POST", "/api/v1/pods", pod()))  # fmt: skip
each("name_invalid", ("POST", "pods", pod("Bad_Name")), ("POST", "pods", pod("x" * 254)),
     ("POST", "persistentvolumeclaims", claim("claim-Ünicode")),
     ("POST", "/api/v1/namespaces", {"metadata": {"name": "a.b"}}))  # fmt: skip
each("service_invalid", ("POST", "services", {"metadata": {"name": "1x"}, "spec": {}}),
     ("POST", "services", {"metadata": {"name": "x"}, "spec": {"ports": [{"port": 0}]}}))  # fmt: skip
each("name_missing", ("POST", "pods", {"spec": {"containers": [CONTAINER]}}))
each("pod_without_containers", ("POST", "pods", {"metadata": {"name": "p"}, "spec": {}}))
each("pod_without_spec", ("POST", "pods", {"metadata": {"name": "p"}}))
each("pod_wrong_in_many_ways", ("POST", "pods", with_containers(
    {"name": "A_", "ports": [{}], "volumeMounts": [{"name": "zz", "mountPath": "/x"}],
     "env": [{"name": "1=2"}, {}]},
    {"name": "A_", "image": "y"},
    restartPolicy="Foo",
    volumes=[{"name": "a"}, {"name": "a"}, {"name": "q", "persistentVolumeClaim": {}}])))  # fmt: skip
each("pod_request_above_limit", ("POST", "pods", with_containers(
    {**CONTAINER, "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "2"}}})))  # fmt: skip
# one label each, because a real server checks several in random order
each("pod_labels_invalid",
     ("POST", "pods", pod(labels={"a b": "c d"})),
     ("POST", "pods", pod(labels={"a b": "c"})),
     ("POST", "pods", pod(labels={"x": "a b"})))  # fmt: skip
each("type_mismatch",
     ("POST", "pods", with_containers({**CONTAINER, "env": [{"name": "A", "value": 3}]})),
     ("POST", "pods", pod(terminationGracePeriodSeconds="a")),
     ("POST", "pods", with_containers({**CONTAINER, "resources": {"limits": {"memory": "abc"}}})),
     ("POST", "pods", {"metadata": {"name": "p"}, "spec": "a"}))  # fmt: skip
each("unknown_field_warns", ("POST", "configmaps", {**config(), "foo": 1}), ("GET", "configmaps/m"))
each("unknown_field_strict",
     ("POST", "configmaps", {**config(), "foo": 1}, {"fieldValidation": "Strict"}),
     ("POST", "persistentvolumeclaims", claim(size="1Gi"), {"fieldValidation": "Strict"}))  # fmt: skip
each("unknown_field_ignored",
     ("POST", "configmaps", {**config(), "foo": 1}, {"fieldValidation": "Ignore"}))  # fmt: skip
each("claim_invalid", ("POST", "persistentvolumeclaims", {"metadata": {"name": "c"}, "spec": {}}),
     ("POST", "persistentvolumeclaims", claim(accessModes=["Foo"])),
     ("POST", "persistentvolumeclaims",
      claim(resources={"requests": {"storage": "0"}})))  # fmt: skip
each("secret_invalid", ("POST", "secrets", {"metadata": {"name": "s"}, "data": {"a": "***"}}),
     ("POST", "secrets", {"metadata": {"name": "s"}, "data": {"a b": "YQ=="}}))  # fmt: skip
each("event_of_another_namespace",
     ("POST", "events", {"metadata": {"name": "e"}, "involvedObject": {"namespace": "zz"}}))  # fmt: skip
each("body_is_not_the_object",
     ("POST", "pods", "{"), ("POST", "pods", []), ("POST", "pods", ""),
     ("POST", "pods", {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "x"}}),
     ("POST", "pods", {**pod(), "apiVersion": "v2", "kind": "Pod"}),
     ("POST", "pods", {"metadata": {"name": "x", "namespace": "other"}}),
     ("POST", "pods", "kind: Pod", {"kind": "text/plain"}))  # fmt: skip

# update

each("put_without_version", ("POST", "configmaps", config(a="1")),
     ("PUT", "configmaps/m", config(a="2")), ("GET", "configmaps/m"))  # fmt: skip
each("put_another_name", ("POST", "configmaps", config()), ("PUT", "configmaps/m", config("x")),
     ("PUT", "configmaps/m", {"metadata": {"name": "", "labels": {"a": "b"}}}))  # fmt: skip
each("put_another_uid", ("POST", "configmaps", config()),
     ("PUT", "configmaps/m", {"metadata": {"name": "m", "uid": "abc"}}))  # fmt: skip
each("pod_status_by_put", ("POST", "pods", pod()),
     ("PUT", "pods/p/status", {**pod(labels={"a": "b"}), "status": {
         "phase": "Running", "podIP": "1.2.3.4",
         "conditions": [{"type": "Ready", "status": "True"}]}}),
     ("PUT", "pods/p", {**pod(), "status": {"phase": "Failed"}}))  # fmt: skip
each("pod_image_may_change", ("POST", "pods", pod()),
     ("PATCH", "pods/p", {"spec": {"containers": [{"name": "c", "image": "other:2"}]}},
      {"kind": STRATEGIC}))  # fmt: skip
each("pod_spec_may_not_change", ("POST", "pods", pod()),
     ("PATCH", "pods/p", {"spec": {"containers": None}}, {"kind": MERGE}),
     ("PATCH", "pods/p", {"spec": {"containers": [CONTAINER, {"name": "d", "image": "x"}]}},
      {"kind": MERGE}),
     ("GET", "pods/p"))  # fmt: skip
each("claim_spec_may_not_change", ("POST", "persistentvolumeclaims", claim()),
     ("PATCH", "persistentvolumeclaims/c", {"spec": {"accessModes": ["ReadWriteMany"]}},
      {"kind": MERGE}))  # fmt: skip
each("immutable_config_map", ("POST", "configmaps", {**config(a="1"), "immutable": True}),
     ("PATCH", "configmaps/m", {"data": {"a": "2"}}, {"kind": MERGE}))  # fmt: skip
each("secret_type_may_not_change", ("POST", "secrets", {"metadata": {"name": "s"}}),
     ("PATCH", "secrets/s", {"type": "other"}, {"kind": MERGE}))  # fmt: skip
each("dry_run", ("POST", "configmaps", config(), {"dryRun": "All"}), ("GET", "configmaps/m"),
     ("POST", "configmaps", config()), ("DELETE", "configmaps/m", None, {"dryRun": "All"}),
     ("PATCH", "configmaps/m", {"data": {"a": "b"}}, {"kind": MERGE, "dryRun": "All"}),
     ("GET", "configmaps/m"), ("POST", "configmaps", config(), {"dryRun": "some"}))  # fmt: skip


@question
async def put_stale(api: Api) -> None:
    made = (await api.post("configmaps", config(a="1"))).body
    await api.put("configmaps/m", {**made, "data": {"a": "2"}})
    await api.put("configmaps/m", {**made, "data": {"a": "3"}})
    await api.get("configmaps/m")


@question
async def put_nothing_new(api: Api) -> None:
    made = (await api.post("configmaps", config(a="1"))).body
    again = (await api.put("configmaps/m", made)).body
    assert again["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


@question
async def what_only_the_server_sets(api: Api) -> None:
    made = (await api.post("configmaps", config())).body
    made["metadata"] |= {"creationTimestamp": "2020-01-01T00:00:00Z", "generation": 7,
                         "deletionTimestamp": "2020-01-01T00:00:00Z"}  # fmt: skip
    await api.put("configmaps/m", made)


# patch

each("merge_patch", ("POST", "configmaps", config(a="1", b="2")),
     ("PATCH", "configmaps/m", {"data": {"a": None, "c": "3"}}, {"kind": MERGE}),
     ("PATCH", "configmaps/m", {"data": None}, {"kind": MERGE}),
     ("PATCH", "configmaps/m", {"metadata": {"labels": {"x": "y"}}}, {"kind": MERGE}),
     ("PATCH", "configmaps/m", {"metadata": {"labels": {"x": "y"}}}, {"kind": MERGE}))  # fmt: skip
each("patch_refused", ("POST", "configmaps", config(a="1")),
     ("PATCH", "configmaps/m", {"metadata": {"resourceVersion": "1"}}, {"kind": MERGE}),
     ("PATCH", "configmaps/m", {"metadata": {"name": "z"}}, {"kind": MERGE}),
     ("PATCH", "configmaps/m", {"metadata": {"labels": {"a b": "1"}}}, {"kind": MERGE}),
     ("PATCH", "configmaps/m", [], {"kind": MERGE}),
     ("PATCH", "configmaps/m", "x", {"kind": MERGE}),
     ("PATCH", "configmaps/m", {}, {"kind": "application/json"}))  # fmt: skip
each("json_patch", ("POST", "configmaps", config(a="1", b="2")),
     ("PATCH", "configmaps/m", [
         {"op": "test", "path": "/data/a", "value": "1"},
         {"op": "replace", "path": "/data/a", "value": "9"},
         {"op": "remove", "path": "/data/b"},
         {"op": "add", "path": "/data/x~1y".replace("~1", "."), "value": "z"},
         {"op": "copy", "from": "/data/a", "path": "/data/copy"},
         {"op": "move", "from": "/data/copy", "path": "/data/moved"},
         {"op": "add", "path": "/metadata/labels", "value": {"l": "m"}},
         {"op": "add", "path": "/metadata/labels/a.b~1c", "value": "d"}],
      {"kind": JSON_PATCH}))  # fmt: skip
each("json_patch_refused", ("POST", "configmaps", config(a="1")),
     ("PATCH", "configmaps/m", [{"op": "test", "path": "/data/a", "value": "2"}],
      {"kind": JSON_PATCH}),
     ("PATCH", "configmaps/m", [{"op": "remove", "path": "/data/z"}], {"kind": JSON_PATCH}),
     ("PATCH", "configmaps/m", [{"op": "add", "path": "/x/y", "value": 1}], {"kind": JSON_PATCH}),
     ("PATCH", "configmaps/m", [{"op": "foo", "path": "/data/a"}], {"kind": JSON_PATCH}),
     ("PATCH", "configmaps/m", {}, {"kind": JSON_PATCH}))  # fmt: skip
each("json_patch_lists", ("POST", "pods", pod(tolerations=[{"operator": "Exists"}])),
     ("PATCH", "pods/p", [{"op": "add", "path": "/metadata/finalizers", "value": ["a.b/c"]},
                          {"op": "add", "path": "/metadata/finalizers/0", "value": "a.b/d"},
                          {"op": "add", "path": "/metadata/finalizers/-", "value": "a.b/e"},
                          {"op": "remove", "path": "/metadata/finalizers/1"}],
      {"kind": JSON_PATCH}),
     ("PATCH", "pods/p", {"metadata": {"finalizers": None}}, {"kind": MERGE}))  # fmt: skip
each("strategic_containers_by_name", ("POST", "pods", with_containers(
    {"name": "a", "image": "x:1"}, {"name": "b", "image": "y:1"})),
     ("PATCH", "pods/p", {"spec": {"containers": [{"name": "b", "image": "z:1"}]}},
      {"kind": STRATEGIC}))  # fmt: skip
each("strategic_conditions_by_type", ("POST", "pods", pod()),
     ("PATCH", "pods/p/status", {"status": {"conditions": [
         {"type": "Ready", "status": "False"}, {"type": "a.b/C", "status": "True"}]}},
      {"kind": STRATEGIC}),
     ("PATCH", "pods/p/status", {"status": {"conditions": [
         {"type": "Ready", "status": "True"}]}}, {"kind": STRATEGIC}))  # fmt: skip
each("pod_condition_invalid", ("POST", "pods", pod()),
     ("PATCH", "pods/p/status", {"status": {"conditions": [{"type": "A.b/c", "status": "True"}]}},
      {"kind": STRATEGIC}))  # fmt: skip
each("strategic_ports_by_number", ("POST", "services", {"metadata": {"name": "s"}, "spec": {
    "ports": [{"name": "a", "port": 80}, {"name": "b", "port": 81}]}}),
     ("PATCH", "services/s", {"spec": {"ports": [
         {"port": 81, "targetPort": 9}, {"name": "c", "port": 82}]}}, {"kind": STRATEGIC}),
     ("PATCH", "services/s", {"spec": {"ports": [{"port": 80, "$patch": "delete"}]}},
      {"kind": STRATEGIC}))  # fmt: skip
each("strategic_finalizers_are_a_set", ("POST", "configmaps", {
    "metadata": {"name": "m", "finalizers": ["a.b/c"]}}),
     ("PATCH", "configmaps/m", {"metadata": {"finalizers": ["a.b/d"]}}, {"kind": STRATEGIC}),
     ("PATCH", "configmaps/m", {"metadata": {
         "$deleteFromPrimitiveList/finalizers": ["a.b/c", "a.b/d"]}}, {"kind": STRATEGIC}))  # fmt: skip
each("strategic_replace", ("POST", "configmaps", config(a="1", b="2")),
     ("PATCH", "configmaps/m", {"data": {"$patch": "replace", "c": "3"}}, {"kind": STRATEGIC}))  # fmt: skip
each("strategic_retain_keys", ("POST", "configmaps", config(a="1", b="2")),
     ("PATCH", "configmaps/m", {"data": {"$retainKeys": ["a"], "a": "9"}}, {"kind": STRATEGIC}))  # fmt: skip
each("strategic_order", ("POST", "configmaps", {"metadata": {
    "name": "m", "finalizers": ["a.b/1", "a.b/2"]}}),
     ("PATCH", "configmaps/m", {"metadata": {
         "finalizers": ["a.b/0"], "$setElementOrder/finalizers": ["a.b/2", "a.b/0", "a.b/1"]}},
      {"kind": STRATEGIC}),
     ("PATCH", "configmaps/m", {"metadata": {"finalizers": None}}, {"kind": STRATEGIC}))  # fmt: skip
each("strategic_without_merge_key", ("POST", "pods", pod()),
     ("PATCH", "pods/p", {"spec": {"containers": [{"image": "z"}]}}, {"kind": STRATEGIC}))  # fmt: skip


def _applied(manager: str, data: dict[str, str], **query: str) -> tuple[Any, ...]:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": data}
    return ("PATCH", "configmaps/m", body, {"kind": APPLY, "fieldManager": manager, **query})


each("apply_creates_and_changes", _applied("a", {"x": "1"}), _applied("a", {"x": "2", "y": "3"}),
     _applied("a", {"x": "2", "y": "3"}))  # fmt: skip
each("apply_takes_away", _applied("a", {"x": "1", "y": "2"}), _applied("a", {"x": "1"}))
each(
    "apply_conflict", _applied("a", {"x": "1"}), _applied("b", {"x": "2"}), ("GET", "configmaps/m")
)
each("apply_two_conflicts", _applied("a", {"x": "1", "y": "1"}),
     _applied("b", {"x": "2", "y": "2"}))  # fmt: skip
each("apply_forced", _applied("a", {"x": "1"}), _applied("b", {"x": "2"}, force="true"),
     _applied("a", {"x": "1"}), _applied("a", {}))  # fmt: skip
each("apply_shared", _applied("a", {"x": "1"}), _applied("b", {"x": "1", "y": "2"}),
     _applied("a", {}), _applied("b", {"y": "2"}))  # fmt: skip
each("apply_refused",
     ("PATCH", "configmaps/m", {"apiVersion": "v1", "kind": "ConfigMap"}, {"kind": APPLY}),
     ("PATCH", "configmaps/m", {"metadata": {"name": "m"}}, {"kind": APPLY, "fieldManager": "a"}))  # fmt: skip
each("apply_over_an_update", _applied("a", {"x": "1"}),
     ("PATCH", "configmaps/m", {"data": {"x": "2"}}, {"kind": MERGE}),
     _applied("a", {"x": "3"}))  # fmt: skip
each("apply_dry_run", _applied("a", {"x": "1"}, dryRun="All"), ("GET", "configmaps/m"))
each("apply_pod", ("PATCH", "pods/p", {"apiVersion": "v1", "kind": "Pod", **pod()},
                   {"kind": APPLY, "fieldManager": "a"}),
     ("PATCH", "pods/p", {"apiVersion": "v1", "kind": "Pod", **pod(labels={"a": "b"})},
      {"kind": APPLY, "fieldManager": "a"}))  # fmt: skip

# delete

each("delete_answers",
     ("POST", "configmaps", config()), ("DELETE", "configmaps/m"), ("GET", "configmaps/m"),
     ("POST", "secrets", {"metadata": {"name": "s"}}), ("DELETE", "secrets/s"),
     ("POST", "services", {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 1}]}}),
     ("DELETE", "services/s"),
     ("POST", "serviceaccounts", {"metadata": {"name": "s"}}), ("DELETE", "serviceaccounts/s"))  # fmt: skip
each("delete_pod_unscheduled", ("POST", "pods", pod()), ("DELETE", "pods/p"), ("GET", "pods/p"))
each("delete_pod_with_grace", ("POST", "pods", pod(nodeName="n")), ("DELETE", "pods/p"),
     ("GET", "pods/p"), ("DELETE", "pods/p", None, {"gracePeriodSeconds": "5"}),
     ("DELETE", "pods/p", None, {"gracePeriodSeconds": "9"}),
     ("DELETE", "pods/p", None, {"gracePeriodSeconds": "0"}), ("GET", "pods/p"))  # fmt: skip
each("delete_pod_at_once", ("POST", "pods", pod(nodeName="n")),
     ("DELETE", "pods/p", {"gracePeriodSeconds": 0}), ("GET", "pods/p"))  # fmt: skip
each("delete_pod_that_ended", ("POST", "pods", pod(nodeName="n")),
     ("PATCH", "pods/p/status", {"status": {"phase": "Succeeded"}}, {"kind": MERGE}),
     ("DELETE", "pods/p"), ("GET", "pods/p"))  # fmt: skip
each("delete_with_finalizer", ("POST", "configmaps", {
    "metadata": {"name": "m", "finalizers": ["a.b/c"]}}),
     ("DELETE", "configmaps/m"), ("GET", "configmaps/m"), ("DELETE", "configmaps/m"),
     ("PATCH", "configmaps/m", {"metadata": {"finalizers": None}}, {"kind": MERGE}),
     ("GET", "configmaps/m"))  # fmt: skip
each("delete_refused", ("POST", "configmaps", config()),
     ("DELETE", "configmaps/m", {"preconditions": {"uid": "abc"}}),
     ("DELETE", "configmaps/m", {"preconditions": {"resourceVersion": "1"}}),
     ("DELETE", "configmaps/m", {"propagationPolicy": "Foo"}), ("GET", "configmaps/m"))  # fmt: skip
each("delete_claim", ("POST", "persistentvolumeclaims", claim()),
     ("DELETE", "persistentvolumeclaims/c"))  # fmt: skip
each("delete_collection", ("POST", "configmaps", config("a")),
     ("POST", "configmaps", {"metadata": {"name": "b", "labels": {"x": "y"}}}),
     ("DELETE", "configmaps", None, {"labelSelector": "x=y"}), ("GET", "configmaps/b"),
     ("GET", "configmaps/a"))  # fmt: skip


@question
async def delete_of_this_one(api: Api) -> None:
    metadata = (await api.post("configmaps", config())).body["metadata"]
    await api.delete("configmaps/m", {"preconditions": {"uid": metadata["uid"]}})


@question
async def namespace_is_going(api: Api) -> None:
    await api.post("configmaps", {"metadata": {"name": "m", "finalizers": ["a.b/c"]}})
    await api.delete(f"/api/v1/namespaces/{api.ns}")
    await api.post("configmaps", config("late"))


# lists


@question
async def list_selects(api: Api) -> None:
    for name, labels in (("a", {"x": "1"}), ("b", {"x": "2", "y": "1"}), ("c", None)):
        await api.post("pods", pod(name, labels=labels))
    for labels in ("x=1", "x==1", "x!=1", "x", "!x", "x in (1,2)", "x notin (1)", "x=2,y=1", "x="):
        await api.get(
            "pods", labelSelector=labels, accept=TABLE.replace("Table", "PartialObjectMetadataList")
        )
    for fields in ("metadata.name=a", "metadata.name!=a", "status.phase=Pending", "spec.nodeName="):
        await api.get("pods", fieldSelector=fields)


each("selector_refused", ("GET", "pods", None, {"labelSelector": "a b"}),
     ("GET", "pods", None, {"labelSelector": "a===b"}),
     ("GET", "pods", None, {"fieldSelector": "foo=1"}),
     ("GET", "pods", None, {"fieldSelector": "a"}))  # fmt: skip


@question
async def events_by_involved_object(api: Api) -> None:
    for name in ("e1", "e2"):
        await api.post("events", event(name, api.ns))
    for fields in ("involvedObject.kind=Pod", "involvedObject.name=q", "involvedObject.uid=,type="):
        await api.get("events", fieldSelector=fields)


@question
async def list_in_pages(api: Api) -> None:
    for name in "abcde":
        await api.post("configmaps", config(name))
    first = await api.get("configmaps", limit="2")
    await api.delete("configmaps/e")
    await api.post("configmaps", config("f"))
    second = await api.get("configmaps", limit="2", **{"continue": first["metadata"]["continue"]})
    await api.get("configmaps", limit="2", **{"continue": second["metadata"]["continue"]})


each("list_options_refused",
     ("GET", "pods", None, {"limit": "a"}), ("GET", "pods", None, {"continue": "abc"}),
     ("GET", "pods", None, {"resourceVersion": "abc"}),
     ("GET", "pods", None, {"resourceVersionMatch": "Exact"}),
     ("GET", "pods", None, {"resourceVersionMatch": "Foo", "resourceVersion": "1"}),
     ("GET", "pods", None, {"resourceVersionMatch": "Exact", "resourceVersion": "0"}),
     ("GET", "pods", None, {"watch": "1", "sendInitialEvents": "true"}))  # fmt: skip


@question
async def list_not_older_than(api: Api) -> None:
    made = await api.post("configmaps", config())
    for version in ("0", made.version):
        answer = await api.get(
            "configmaps", resourceVersion=version, resourceVersionMatch="NotOlderThan"
        )
        answer.body["metadata"].clear()  # for version 0, a real server may return an older list


@question
async def list_from_the_future(api: Api) -> None:
    answer = await api.get(
        "pods", resourceVersion="9999999999", resourceVersionMatch="NotOlderThan"
    )
    answer.body["message"] = answer["message"].partition(", current")[0]


# watches


@question
async def watch_a_life(api: Api) -> None:
    start = (await api.get("configmaps")).version
    async with api.watching("configmaps", resourceVersion=start) as events:
        await api.post("configmaps", config(a="1"))
        await api.patch("configmaps/m", {"data": {"a": "2"}}, MERGE)
        await api.patch("configmaps/m", {"data": {"a": "2"}}, MERGE)
        await api.delete("configmaps/m")
        await events.take(3)


@question
async def watch_a_pods_end(api: Api) -> None:
    start = (await api.get("pods")).version
    async with api.watching("pods", resourceVersion=start) as events:
        await api.post("pods", pod(nodeName="n"))
        await api.delete("pods/p", gracePeriodSeconds="7")
        await api.delete("pods/p", gracePeriodSeconds="0")
        await events.take(3)


@question
async def watch_from_the_start(api: Api) -> None:
    for name in ("b", "a"):
        await api.post("configmaps", config(name))
    for version in ({}, {"resourceVersion": "0"}):
        async with api.watching("configmaps", **version) as events:
            await events.take(2)


@question
async def watch_replays_what_was_missed(api: Api) -> None:
    first = await api.post("configmaps", config("a"))
    await api.post("configmaps", config("b"))
    await api.delete("configmaps/a")
    async with api.watching("configmaps", resourceVersion=first.version) as events:
        await events.take(2)


@question
async def watch_leaves_the_selector(api: Api) -> None:
    start = (await api.get("configmaps")).version
    async with api.watching("configmaps", resourceVersion=start, labelSelector="x=1") as events:
        await api.post("configmaps", config("a"))
        await api.patch("configmaps/a", {"metadata": {"labels": {"x": "1"}}}, MERGE)
        await api.patch("configmaps/a", {"data": {"k": "v"}}, MERGE)
        await api.patch("configmaps/a", {"metadata": {"labels": {"x": "2"}}}, MERGE)
        await api.delete("configmaps/a")
        await events.take(3)


@question
async def watch_by_field(api: Api) -> None:
    start = (await api.get("pods")).version
    async with api.watching(
        "pods", resourceVersion=start, fieldSelector="status.phase=Running"
    ) as events:
        await api.post("pods", pod())
        await api.patch("pods/p/status", {"status": {"phase": "Running"}}, MERGE)
        await api.patch("pods/p/status", {"status": {"phase": "Failed"}}, MERGE)
        await events.take(2)


@question
async def watch_ends_in_time(api: Api) -> None:
    await api.post("configmaps", config())
    async with api.watching("configmaps", timeoutSeconds="1") as events:
        await events.rest()


@question
async def watch_initial_events_end(api: Api) -> None:
    await api.post("configmaps", config())
    async with api.watching(
        "configmaps",
        sendInitialEvents="true",
        resourceVersionMatch="NotOlderThan",
        allowWatchBookmarks="true",
    ) as events:
        answer = await events.take(2)
        for event_ in answer:
            event_["object"]["metadata"].pop("resourceVersion", None)


@question
async def watch_one_namespace_only(api: Api) -> None:
    start = (await api.get("configmaps")).version
    async with api.watching("configmaps", resourceVersion=start) as events:
        other = "/api/v1/namespaces/default/configmaps"
        await api.post(other, config(f"other-{api.ns}"))
        await api.delete(f"{other}/other-{api.ns}")
        await api.post("configmaps", config("mine"))
        await events.take(1)


# formats for kubectl


@question
async def table_of_pods(api: Api) -> None:
    await api.post("pods", pod())
    await api.get("pods", accept=TABLE)
    _shorten(api)


@question
async def table_of_everything(api: Api) -> None:
    await api.post("persistentvolumeclaims", claim())
    await api.post("secrets", {"metadata": {"name": "s"}, "data": {"a": "YQ=="}})
    await api.post("configmaps", config(a="1"))
    await api.post("services", {"metadata": {"name": "s"}, "spec": {
        "ports": [{"port": 80}], "selector": {"a": "b"}, "clusterIP": "None"}})  # fmt: skip
    await api.post("events", event("e", api.ns, type="Normal", reason="r", message="m"))
    for kind in ("persistentvolumeclaims", "secrets", "configmaps", "services", "events"):
        await api.get(kind, accept=TABLE, includeObject="None")
    _shorten(api)


def _shorten(api: Api) -> None:
    """Remove the descriptions of columns, and ages, from the comparison."""
    for answer in api.answers:
        if not isinstance(answer.body, dict) or answer.body["kind"] != "Table":
            continue
        names = [column["name"] for column in answer.body["columnDefinitions"]]
        for column in answer.body["columnDefinitions"]:
            column["description"] = ""
        for row in answer.body["rows"]:
            for at in [i for i, name in enumerate(names) if name == "Age"]:
                row["cells"][at] = "(age)"
            row["object"] = (row.get("object") or {}).get("kind")


each("not_acceptable", ("GET", "pods", None, {"accept": "text/html"}))
each("access_review", ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
    "spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}}))  # fmt: skip
