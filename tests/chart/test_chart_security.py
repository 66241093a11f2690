"""Every pod is `restricted`, and reads only the Secrets that it needs."""

from __future__ import annotations

from typing import Any

import pytest
from support.charts import SCENARIOS, Objects, read, render

OWN = [
    pytest.param(read(s), id=s.name.removesuffix("-values.yaml"))
    for s in SCENARIOS
    # containers that the administrator adds are the administrator's responsibility
    if s.name not in ("services-values.yaml",)
]
scenario = pytest.mark.parametrize("values", OWN)


def containers(pod: Any) -> list[Any]:
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


def restricted(pod: Any) -> list[str]:
    """Return what Pod Security `restricted` rejects in a pod template."""
    spec, out = pod["spec"], []
    if any(spec.get(k) for k in ("hostNetwork", "hostPID", "hostIPC")):
        out.append("host namespaces")
    allowed = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral"}
    allowed |= {"persistentVolumeClaim", "projected", "secret"}
    for volume in spec.get("volumes", []):
        if not set(volume) - {"name"} <= allowed:
            out.append(f"volume {volume['name']}")
    of_pod = spec.get("securityContext") or {}
    for container in containers(pod):
        own = container.get("securityContext") or {}
        both = {**of_pod, **own}
        if own.get("allowPrivilegeEscalation") is not False or own.get("privileged"):
            out.append(f"{container['name']}: privilege escalation")
        if own.get("capabilities", {}).get("drop") != ["ALL"] or own["capabilities"].get("add"):
            out.append(f"{container['name']}: capabilities")
        if both.get("runAsNonRoot") is not True or both.get("runAsUser") == 0:
            out.append(f"{container['name']}: root")
        if both.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
            out.append(f"{container['name']}: seccomp")
        if any("hostPort" in port for port in container.get("ports", [])):
            out.append(f"{container['name']}: host port")
    return out


@scenario
def test_every_pod_is_restricted(values: Any) -> None:
    for name, pod in render(values).pods().items():
        assert restricted(pod) == [], name


def bound(objects: Objects) -> set[str]:
    """Return the service accounts that have a role."""
    return {
        subject["name"]
        for doc in objects.docs
        if doc["kind"] in ("RoleBinding", "ClusterRoleBinding")
        for subject in doc["subjects"]
    }


@scenario
def test_only_pods_with_permissions_have_a_token(values: Any) -> None:
    objects = render(values)
    for name, pod in objects.pods().items():
        if pod["spec"].get("serviceAccountName", "default") not in bound(objects):
            if name == "Deployment/hub" or "rbac" in values:
                continue  # the administrator creates the roles
            assert pod["spec"].get("automountServiceAccountToken") is False, name


@scenario
def test_no_permission_is_a_wildcard(values: Any) -> None:
    for doc in render(values).docs:
        for rule in doc.get("rules", []) if doc["kind"] in ("Role", "ClusterRole") else []:
            assert "*" not in rule["verbs"] + rule["apiGroups"] + rule["resources"]


@scenario
def test_secrets_are_read_by_name(values: Any) -> None:
    """RBAC cannot restrict `create` to a name, and the names of user certificates are not known."""
    for doc in render(values).docs:
        if doc["kind"] not in ("Role", "ClusterRole"):
            continue
        for rule in doc["rules"]:
            if "secrets" in rule["resources"] and rule["verbs"] != ["create"]:
                made_by_hub = doc["metadata"]["name"] == "hub" and "internal_ssl" in str(values)
                assert rule.get("resourceNames") or made_by_hub, doc["metadata"]["name"]


def mounted(pod: Any) -> set[str]:
    """Return the Secrets of which a pod mounts or reads a key."""
    out = set()
    for volume in pod["spec"].get("volumes", []):
        if "secret" in volume:
            out.add(volume["secret"]["secretName"])
        for source in volume.get("projected", {}).get("sources", []):
            if "secret" in source:
                out.add(source["secret"]["name"])
    for container in containers(pod):
        for variable in container.get("env", []):
            ref = variable.get("valueFrom", {}).get("secretKeyRef")
            if ref:
                out.add(ref["name"])
    return out


def test_each_pod_mounts_only_its_secrets() -> None:
    https = {
        "enabled": True,
        "hosts": ["h.example"],
        "letsencrypt": {"contactEmail": "a@b.c"},
    }
    objects = render({"proxy": {"https": https}})
    mounted_secrets = {name: mounted(pod) for name, pod in objects.pods().items()}
    jobs = {name for name in mounted_secrets if name.startswith("Job/")}
    assert {
        name: secrets for name, secrets in mounted_secrets.items() if secrets and name not in jobs
    } == {
        "Deployment/hub": {"hub", "hub-values"},
        "Deployment/proxy": {"hub"},
    }


def test_proxy_gets_only_its_token_from_the_hubs_secret() -> None:
    pod = render().pods()["Deployment/proxy"]
    keys = {
        variable["valueFrom"]["secretKeyRef"]["key"]
        for container in containers(pod)
        for variable in container["env"]
        if "valueFrom" in variable
    }
    assert keys == {"hub.config.ConfigurableHTTPProxy.auth_token"}


@scenario
def test_default_container_is_the_charts(values: Any) -> None:
    for name, pod in render(values).pods().items():
        default = pod["metadata"]["annotations"]["kubectl.kubernetes.io/default-container"]
        assert pod["spec"]["containers"][0]["name"] == default, name


def test_extra_containers_come_after_the_hub() -> None:
    values = "hub: {extraContainers: [{name: extra, image: extra:1}]}"
    names = [c["name"] for c in render(values).pod("Deployment/hub")["containers"]]
    assert names == ["hub", "extra"]


def test_default_container_can_be_changed() -> None:
    annotation = "kubectl.kubernetes.io/default-container"
    objects = render({"hub": {"annotations": {annotation: "extra"}}})
    assert objects.pods()["Deployment/hub"]["metadata"]["annotations"][annotation] == "extra"


LEVEL = {"seLinuxOptions": {"level": "s0:c1,c2"}, "supplementalGroups": [2000]}
COMPONENTS = (
    "hub",
    "proxy.chp",
    "proxy.traefik",
    "scheduling.userScheduler",
    "scheduling.userPlaceholder",
    "prePuller",
    "prePuller.hook",
)


def test_every_pod_accepts_a_security_context() -> None:
    values = read(next(s for s in SCENARIOS if s.name.startswith("https-letsencrypt")))
    values["prePuller"] = {"hook": {"enabled": True}, "continuous": {"enabled": True}}
    values["scheduling"] = {
        "userScheduler": {"enabled": True},
        "userPlaceholder": {"enabled": True, "replicas": 1},
        "podPriority": {"enabled": True},
    }
    for component in COMPONENTS:
        node = values
        for part in component.split("."):
            node = node.setdefault(part, {})
        node["podSecurityContext"] = LEVEL
    pods = render(values).pods()
    assert len(pods) > 8
    for name, pod in pods.items():
        assert LEVEL.items() <= pod["spec"]["securityContext"].items(), name
