"""This hub and its servers start with values and snippets of the public chart's hub."""

from __future__ import annotations

from typing import Any

from support.clusters import Cluster
from support.hubs import wait_until

SNIPPET = """

load_subconfig("not-there.py")
assert camelCaseify("mem_limit") == "memLimit" and __file__.endswith("jupyterhub_config.py")
assert get_config() is c and get_config("custom.quotas.cpu") == 3
extra = client.V1Container(name="beside", image="quay.io/example/beside:1", args=["sleep", "60"])

def modify(spawner, pod):
    pod.spec.containers[0].env.append(client.V1EnvVar(name="JOINED", value=url_path_join("a", "b")))
    return pod

c.KubeSpawner.modify_pod_hook = modify
c.KubeSpawner.extra_annotations = {"pulled-with": c.KubeSpawner.image_pull_secrets[0]["name"]}
"""
VALUES: dict[str, Any] = {
    "hub": {
        "extraConfig": {"gone": None, "used": SNIPPET},
        "extraConfigMap": {"quotas": {"cpu": 3}, "rescue": "call 112"},
        "extraFiles": {"gone": None},
        "services": {"gone": None},
        "loadRoles": {"gone": None},
        "config": {
            "KubeSpawner": {"no_such_trait": 1, "volumes": {"gone": None}},
            "GitHubOAuthenticator": {"Authenticator": {"admin_users": ["ada"]}},
        },
    },
    "imagePullSecrets": ["registry"],
    "singleuser": {
        "cmd": None,
        "extraEnv": {"GONE": None, "STAYS": "yes"},
        "extraFiles": {"gone": None},
        "extraLabels": {"gone": None},
        "nodeSelector": {"gone": None},
        "lifecycleHooks": {"postStart": None},
        "profileList": {"gone": None, "stays": {"display_name": "Stays"}},
        "storage": {
            "type": "none",
            "extraVolumes": {"gone": None},
            "extraVolumeMounts": {"002-shared": None},
        },
    },
}


def test_the_hub_and_a_server_start(start_hub: Any, cluster: Cluster) -> None:
    with start_hub(VALUES, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        hub.api("users/ada", "POST")
        status, answer = hub.api("users/ada/server", "POST")
        assert status in (201, 202), answer
        wait_until(lambda: cluster.get("pods/jupyter-ada"), hub.process, hub.log)
        pod = cluster.get("pods/jupyter-ada")
        environment = {
            each["name"]: each.get("value") for each in pod["spec"]["containers"][0]["env"]
        }
        assert environment["JOINED"] == "a/b"
        assert environment["STAYS"] == "yes"
        assert "GONE" not in environment
        assert pod["spec"]["imagePullSecrets"] == [{"name": "registry"}]
        assert pod["metadata"]["annotations"]["pulled-with"] == "registry"
        assert "gone" not in str(pod).lower()
        assert hub.process.poll() is None
