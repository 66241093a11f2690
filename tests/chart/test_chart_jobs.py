"""The hooks: a job creates secrets before anything else, and images are pulled."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from support.charts import Objects, render

PULLERS = ("DaemonSet/hook-image-puller", "DaemonSet/continuous-image-puller")


def configured_secrets(values: Any) -> dict[str, str]:
    data = render(values)["Secret/hub-secrets"]["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def args(objects: Objects, job: str) -> list[str]:
    listed: list[str] = objects.container(f"Job/{job}")["args"]
    return listed


def hook(doc: Any) -> tuple[str, int]:
    annotations = doc["metadata"]["annotations"]
    return annotations["helm.sh/hook"], int(annotations["helm.sh/hook-weight"])


def test_no_template_renders_the_secret_hub() -> None:
    assert "Secret/hub" not in render()
    assert "--secret=hub" in args(render(), "hub-secrets")


def test_missing_secret_is_requested_by_an_empty_file() -> None:
    assert configured_secrets("hub: {services: {grader: {}}}") == {
        "hub.config.ConfigurableHTTPProxy.auth_token": "",
        "hub.config.CryptKeeper.keys": "",
        "hub.config.JupyterHub.cookie_secret": "",
        "hub.services.grader.apiToken": "",
    }


@pytest.mark.parametrize(
    "values",
    [
        """
        hub:
          config:
            JupyterHub: {cookie_secret: c0}
            ConfigurableHTTPProxy: {auth_token: a0}
            CryptKeeper: {keys: [k1, k2]}
        """,
        "{hub: {cookieSecret: c0}, proxy: {secretToken: a0}, auth: {state: {cryptoKey: 'k1;k2'}}}",
    ],
    ids=["today", "2018"],
)
def test_configured_secret_is_passed_to_the_job(values: str) -> None:
    assert configured_secrets(values) == {
        "hub.config.ConfigurableHTTPProxy.auth_token": "a0",
        "hub.config.CryptKeeper.keys": "k1;k2",
        "hub.config.JupyterHub.cookie_secret": "c0",
    }


def test_secrets_exist_before_images_are_pulled() -> None:
    objects = render()
    made = {hook(objects[f"{kind}/hub-secrets"]) for kind in ("Secret", "Role", "RoleBinding")}
    assert made == {("pre-install,pre-upgrade", -16)}
    assert hook(objects["Job/hub-secrets"])[1] == -15
    assert hook(objects["DaemonSet/hook-image-puller"])[1] == -10
    assert hook(objects["Job/hook-image-awaiter"])[1] == 10


def test_the_secrets_job_may_change_one_secret() -> None:
    rules = render()["Role/hub-secrets"]["rules"]
    assert rules == [
        {
            "apiGroups": [""],
            "resources": ["secrets"],
            "verbs": ["get", "update"],
            "resourceNames": ["hub"],
        },
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]},
    ]


def test_without_service_accounts_the_hubs_is_used() -> None:
    values = "hub: {serviceAccount: {create: false, name: mine}}"
    assert "ServiceAccount/hub-secrets" not in render(values)
    assert render(values).pod("Job/hub-secrets")["serviceAccountName"] == "mine"
    assert render(values)["RoleBinding/hub-secrets"]["subjects"][0]["name"] == "mine"


def test_no_role_is_created_without_rbac() -> None:
    roles = [name for name in render("rbac: {create: false}") if "Role" in name.split("/")[0]]
    assert roles == []


@pytest.mark.parametrize("job", ["hub-secrets", "hook-image-awaiter"])
def test_jobs_have_no_priority_class(job: str) -> None:
    """The class does not exist yet at the first install, and Kubernetes would reject the pod."""
    objects = render("scheduling: {podPriority: {enabled: true}}")
    assert "priorityClassName" not in objects.pod(f"Job/{job}")
    assert "priorityClassName" not in objects.pod("DaemonSet/hook-image-puller")
    continuous = objects.pod("DaemonSet/continuous-image-puller")
    assert continuous["priorityClassName"] == "my-release-image-puller-priority"


def pulled(values: Any, daemon_set: str = PULLERS[0]) -> list[str]:
    return [c["image"] for c in render(values).pod(daemon_set)["initContainers"]]


IMAGES = """
singleuser:
  image: {name: user, tag: "1"}
  initContainers: [{name: a, image: "init:1"}]
  extraContainers: [{name: b, image: "extra:1"}]
  profileList:
    - display_name: One
      kubespawner_override: {image: "profile:1"}
    - display_name: Two
      profile_options:
        image:
          choices:
            x: {display_name: X, kubespawner_override: {image: "choice:x"}}
            y: {display_name: Y, kubespawner_override: {cpu_limit: 1}}
            z: {display_name: Z, kubespawner_override: {image: "profile:1"}}
          unlisted_choice: {enabled: true, kubespawner_override: {image: "{value}"}}
    - display_name: Three
prePuller:
  extraImages: {myImage_2: {name: other, tag: "2", pullPolicy: Always}}
"""


@pytest.mark.parametrize("daemon_set", PULLERS)
def test_every_image_of_users_is_pulled_once(daemon_set: str) -> None:
    expected = ["user:1", "init:1", "extra:1", "profile:1", "choice:x", "other:2"]
    assert pulled(IMAGES, daemon_set) == expected


def test_containers_have_valid_names() -> None:
    last = render(IMAGES).pod(PULLERS[0])["initContainers"][-1]
    assert (last["name"], last["imagePullPolicy"]) == ("image-pull-myimage-2", "Always")


def test_images_of_profiles_can_be_excluded() -> None:
    values = f"{IMAGES}\n  pullProfileListImages: false"
    assert pulled(values) == ["user:1", "init:1", "extra:1", "other:2"]


def test_image_of_the_privileged_container_is_pulled_if_used() -> None:
    values = "singleuser: {cloudMetadata: {blockWithIptables: true}}"
    assert len(pulled(values)) == len(pulled({})) + 1


def test_job_does_not_wait_for_unchanged_images() -> None:
    """`z2jh images await` compares the checksums, so that rendering needs no `lookup`."""
    one, same, other = render(IMAGES), render(IMAGES, revision=2), render()
    key = "checksum_hook-image-puller"
    checksum = one["ConfigMap/hub"]["data"][key]
    assert args(one, "hook-image-awaiter")[-2:] == ["--last=hub", f"--checksum={checksum}"]
    assert same["ConfigMap/hub"]["data"][key] == checksum
    assert other["ConfigMap/hub"]["data"][key] != checksum


def test_job_waits_for_unchanged_images_if_configured() -> None:
    objects = render("prePuller: {hook: {pullOnlyOnChanges: false}}")
    assert not [a for a in args(objects, "hook-image-awaiter") if a.startswith("--last")]
    resources = [rule["resources"] for rule in objects["Role/hook-image-awaiter"]["rules"]]
    assert ["configmaps"] not in resources


def test_pullers_can_be_switched_off() -> None:
    objects = render("prePuller: {hook: {enabled: false}, continuous: {enabled: false}}")
    assert not [name for name in objects if "image" in name]


def test_jobs_use_the_hubs_image_by_default() -> None:
    objects = render("hub: {image: {name: mine, tag: '1'}}")
    for job in ("hub-secrets", "hook-image-awaiter"):
        assert objects.container(f"Job/{job}")["image"] == "mine:1"
    own = render("prePuller: {hook: {image: {name: own, tag: '2'}}}")
    assert own.container("Job/hook-image-awaiter")["image"] == "own:2"


def test_the_hubs_sqlite_is_backed_up_before_an_upgrade() -> None:
    (container,) = render("hub: {db: {pvc: {subPath: a}}}").pod("Deployment/hub")["initContainers"]
    assert container["args"] == [
        "z2jh",
        "db",
        "upgrade",
        "--sqlite=/srv/jupyterhub/jupyterhub.sqlite",
    ]
    assert container["volumeMounts"][0] == {
        "name": "pvc",
        "mountPath": "/srv/jupyterhub",
        "subPath": "a",
    }


@pytest.mark.parametrize(
    "hub",
    [
        "db: {type: postgres, url: 'postgresql://h/d'}",
        "db: {type: sqlite-memory}",
        "args: [my-hub]",
    ],
)
def test_other_databases_and_commands_are_not_backed_up(hub: str) -> None:
    assert "initContainers" not in render(f"hub: {{{hub}}}").pod("Deployment/hub")
