"""A rescue server: small, with the home elsewhere, for one start; offered where it may help."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from jupyterhub.spawner import SpawnException
from kubernetes_asyncio.client.models import V1Container, V1Volume, V1VolumeMount
from support.clusters import Cluster
from support.hubs import OWN_CLASS, Hub, wait_until
from support.people import ANYBODY, Person

from z2jh_hub.config.values import Values
from z2jh_hub.spawner.kubernetes_api import Refused
from z2jh_hub.spawner.quotas import Quota
from z2jh_hub.spawner.rescue import EMPTY_HOME, HOME_VARIABLE, LABEL

VOLUMES = [{"name": "home", "persistentVolumeClaim": {"claimName": "{pvc_name}"}}]


async def rescued(spawner: Callable[..., Any], *mounts: dict[str, Any], **traits: Any) -> Any:
    """A spawner with these mounts, as it is when its pod is made; and its pod."""
    traits = {"volumes": VOLUMES, "volume_mounts": list(mounts), **traits}
    server = spawner("ada", options={"rescue": True}, cmd=["jupyterhub-singleuser"], **traits)
    server.run_pre_spawn_hook()
    await server.load_user_options()
    return server


@pytest.mark.parametrize(
    ("options", "rescuing"),
    [
        ({"rescue": True}, True),
        ({"rescue": "true"}, True),
        ({"rescue": ["on"]}, True),
        ({"rescue": False}, False),
        ({"rescue": None}, False),
        ({"rescue": []}, False),
        ({}, False),
        (None, False),
    ],
)
async def test_how_it_is_asked_for(spawner, options, rescuing) -> None:
    server = spawner("ada", options=options)
    server.run_pre_spawn_hook()
    assert server.rescuing is rescuing


@pytest.mark.parametrize(
    ("options", "traits", "status", "reported"),
    [
        ({"rescue": "perhaps"}, {}, 400, "The option rescue must be true or false, not perhaps"),
        ({"rescue": True}, {"rescue_enabled": False}, 403, "Rescue servers are disabled"),
        ({"rescue": True}, {"quotas": {"all": {"servers": 0}}}, 403, "You may not start a server"),
    ],
)
async def test_how_it_is_refused(spawner, options, traits, status, reported) -> None:
    server = spawner("ada", options=options, **traits)
    with pytest.raises(SpawnException) as refused:
        server.run_pre_spawn_hook()
    assert reported in refused.value.message
    assert refused.value.status_code == status


async def test_nobody_who_may_start_no_server_may_start_this_one(spawner) -> None:
    profiles = [{"display_name": "Lab", "allowed_groups": ["lab"]}]
    server = spawner("ada", profile_list=profiles, options={"rescue": True})
    with pytest.raises(SpawnException, match="No profile is available to you"):
        server.run_pre_spawn_hook()


async def test_hours_and_profiles_of_a_quota_do_not_hold(spawner) -> None:
    rule = {"servers": 2, "hoursPerWeek": 0, "profiles": {"plain": 0}}
    profiles = [{"display_name": "Plain", "slug": "plain"}]
    server = spawner("ada", quotas={"all": rule}, profile_list=profiles, options={"rescue": True})
    server.run_pre_spawn_hook()
    assert server.quota == Quota(2, None, {})
    assert server.profile_slug == ""


@pytest.mark.parametrize(
    ("mounts", "moved"),
    [
        ([{"name": "home", "mountPath": "/home/jovyan"}], {"name": "home"}),
        (
            [
                {"name": "shared", "mountPath": "/home/jovyan/shared"},
                {"name": "disk", "mountPath": "/home/jovyan/", "subPath": "homes/{username}"},
            ],
            {"name": "disk", "subPath": "homes/{username}"},
        ),
        (
            [
                {"name": "shared", "mountPath": "/srv"},
                {"name": "home", "mountPath": "/home/jovyan/work"},
            ],
            {"name": "home"},
        ),
    ],
    ids=["at the home's path", "a part of a shared disk", "the user's claim, elsewhere"],
)
async def test_the_home_moves_and_an_empty_directory_takes_its_place(
    spawner, mounts, moved
) -> None:
    server = await rescued(spawner, *mounts)
    first, empty, *others = server.volume_mounts
    assert first == {**moved, "mountPath": "/rescue/home"}
    assert empty == {
        "name": EMPTY_HOME["name"],
        "mountPath": next(m["mountPath"] for m in mounts if m["name"] == moved["name"]),
    }
    assert others == [each for each in mounts if each["name"] != moved["name"]]


async def test_a_home_that_is_not_known_is_refused(spawner) -> None:
    with pytest.raises(Refused, match="nothing is mounted at /home/jovyan"):
        await rescued(spawner, {"name": "data", "mountPath": "/data"})


async def test_models_of_the_client_are_no_hindrance(spawner) -> None:
    home = {"name": "home", "mountPath": "/home/jovyan"}
    data = V1VolumeMount(name="data", mount_path="/data")
    volumes = [*VOLUMES, V1Volume(name="data", empty_dir={})]
    traits = {"volumes": volumes, "init_containers": [V1Container(name="prepare")]}
    server = await rescued(spawner, home, data, **traits)
    assert server.volume_mounts[2:] == [data]
    assert [each.name for each in server.init_containers] == ["prepare"]


async def test_what_may_be_broken_is_left_out_and_what_protects_stays(spawner) -> None:
    home = {"name": "home", "mountPath": "/home/jovyan"}
    server = await rescued(
        spawner,
        home,
        init_containers=[
            {"name": "clone", "image": "git", "volumeMounts": [home]},
            {"name": "block-cloud-metadata", "image": "tools"},
        ],
        extra_containers={"sync": {"name": "sync", "image": "s", "volumeMounts": [home]}},
        lifecycle_hooks={"postStart": {"exec": {"command": ["false"]}}},
        extra_container_config={"lifecycle": {}, "stdin": True},
        profile_list=[{"display_name": "Big", "kubespawner_override": {"mem_limit": "64G"}}],
        extra_resource_limits={"nvidia.com/gpu": "1"},
        working_dir="/home/jovyan/work",
        uid=1000,
    )
    assert [each["name"] for each in server.init_containers] == ["block-cloud-metadata"]
    assert server.extra_containers == []
    assert server.lifecycle_hooks == {}
    assert server.extra_container_config == {"stdin": True}
    assert server.mem_limit == 2**30
    assert server.extra_resource_limits == {}
    assert server.working_dir is None
    assert server.uid == 1000


@pytest.mark.parametrize(
    ("rescue", "key", "reported"),
    [
        ([], "hub.rescue", "invalid value"),
        ({"enable": False}, "hub.rescue.enable", "did you mean enabled?"),
        ({"enabled": "no"}, "hub.rescue.enabled", "true or false"),
        ({"mountPath": "rescue"}, "hub.rescue.mountPath", "an absolute path"),
        (
            {"mountPath": "/home/jovyan"},
            "hub.rescue.mountPath",
            "collides with singleuser.storage",
        ),
        (
            {"mountPath": "/home"},
            "hub.rescue.mountPath",
            "collides with singleuser.storage",
        ),
        ({"memory": {"limt": "1G"}}, "hub.rescue.memory.limt", "did you mean limit?"),
        ({"memory": {"limit": "1Gi"}}, "hub.rescue.memory.limit", "a number of bytes"),
        (
            {"memory": {"limit": "1G", "guarantee": "2G"}},
            "hub.rescue.memory.guarantee",
            "at most 1G",
        ),
        ({"cpu": {"limit": "1"}}, "hub.rescue.cpu.limit", "a number of cores"),
    ],
)
def test_mistakes_are_reported(rescue: Any, key: str, reported: str) -> None:
    from z2jh_hub.config import keys
    from z2jh_hub.config.sections import hub_rescue

    storage = {"homeMountPath": "/home/jovyan"}
    values = Values({"hub": {"rescue": rescue}, "singleuser": {"storage": storage}})
    result = [*keys.check(hub_rescue.KEYS, values), *hub_rescue.problems(values)]
    (problem,) = result
    assert problem.key == key
    assert reported in f"{problem.message} {problem.expected} {problem.hint}"


def test_no_limit_allows_every_guarantee() -> None:
    from z2jh_hub.config.sections import hub_rescue

    amounts = {"memory": {"limit": 0, "guarantee": "2G"}, "cpu": {"limit": 0, "guarantee": 1}}
    values = Values({"hub": {"rescue": amounts}})
    assert list(hub_rescue.problems(values)) == []


def stopped(hub: Hub, server: str) -> None:
    user = server.split("/")[0]
    hub.api(f"users/{server}", "DELETE")
    wait_until(lambda: not hub.api(f"users/{user}")[1]["servers"], hub.process, hub.log)


def ready(hub: Hub, user: str, name: str = "") -> bool:
    return bool(hub.api(f"users/{user}")[1]["servers"].get(name, {}).get("ready"))


def start(hub: Hub, server: str, body: Any = None) -> str:
    """Start ada/server or ada/servers/NAME; "" when it is ready, else why it failed."""
    user = server.split("/")[0]
    hub.api(f"users/{user}", "POST")
    # what an earlier start left behind is removed after its failure
    wait_until(lambda: not hub.api(f"users/{user}")[1]["pending"], hub.process, hub.log)
    status, answer = hub.api(f"users/{server}", "POST", body)
    last = answer if status >= 400 else hub.progress(server)[-1]
    return "" if last.get("ready") else str(last["message"])


def pod(cluster: Cluster, name: str) -> Any:
    return cluster.get(f"pods/{name}")


def is_rescue(result: Any) -> bool:
    return LABEL in result["metadata"]["labels"]


PROFILES = [
    {"display_name": "Plain", "slug": "plain"},
    {"display_name": "Big", "slug": "big", "kubespawner_override": {"mem_limit": "4G"}},
]


@pytest.mark.parametrize("own", ["", OWN_CLASS], ids=["the default class", "an own class"])
def test_a_rescue_is_for_one_start_and_survives_the_hub(
    start_hub, cluster: Cluster, own: str
) -> None:
    values = {
        "hub": {
            "allowNamedServers": True,
            "extraConfig": {"own": own},
            "rescue": {"memory": {"limit": "300M", "guarantee": "100M"}},
        },
        "singleuser": {
            "profileList": PROFILES,
            "storage": {"homeMountPath": "/home/user"},
            "lifecycleHooks": {"postStart": {"exec": {"command": ["false"]}}},
        },
    }
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        reported = start(hub, "ada/server", {"rescue": True})
        assert "(no-home-to-rescue)" in reported
        assert cluster.names("persistentvolumeclaims") == []
        assert start(hub, "ada/server", {"profile": "big"}) == ""
        assert not is_rescue(pod(cluster, "jupyter-ada"))
        stopped(hub, "ada/server")

        assert start(hub, "ada/server", {"rescue": True}) == ""
        result = pod(cluster, "jupyter-ada")
        (server,) = result["spec"]["containers"]
        mounts = {each["mountPath"]: each["name"] for each in server["volumeMounts"]}
        volumes = {each["name"]: each for each in result["spec"]["volumes"]}
        claim = volumes[mounts["/rescue/home"]]["persistentVolumeClaim"]["claimName"]
        environment = {each["name"]: each.get("value") for each in server["env"]}
        assert is_rescue(result)
        assert claim == "claim-ada"
        assert "emptyDir" in volumes[mounts["/home/user"]]
        assert not server.get("lifecycle")
        assert server["resources"]["limits"]["memory"] == str(300 * 2**20)
        assert environment["JUPYTERHUB_ROOT_DIR"] == environment[HOME_VARIABLE] == "/rescue/home"
        assert environment.get("OURS") == ("1" if own else None)
        assert cluster.names("persistentvolumeclaims") == ["claim-ada"]

    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        assert ready(hub, "ada")
        assert pod(cluster, "jupyter-ada")["metadata"]["uid"] == result["metadata"]["uid"]
        stopped(hub, "ada/server")
        assert start(hub, "ada/server") == ""
        again = pod(cluster, "jupyter-ada")
        assert not is_rescue(again)
        assert again["spec"]["containers"][0]["resources"]["limits"]["memory"] == str(4 * 2**30)
        # the same for a named server, which has its own home
        assert start(hub, "ada/servers/second") == ""
        hub.api("users/ada/servers/second", "DELETE")
        wait_until(lambda: list(hub.api("users/ada")[1]["servers"]) == [""], hub.process, hub.log)
        assert start(hub, "ada/servers/second", {"rescue": True}) == ""
        assert is_rescue(pod(cluster, "jupyter-ada--second"))


def test_a_failed_start_offers_it_and_the_link_starts_it(start_hub, cluster: Cluster) -> None:
    values = {"hub": {"config": ANYBODY}}
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        assert start(hub, "ada/server") == ""
        stopped(hub, "ada/server")
        cluster.fault("fail-pod", reason="PostStartHookError", message="exit code 1")
        reported = start(hub, "ada/server")
        assert "(post-start-failed)" in reported
        assert '/hub/spawn/ada?opt-rescue=true or {"rescue": true} in the API.' in reported
        ada = Person(hub, "ada")
        _, page = ada.html("spawn-pending/ada")
        assert 'href="/hub/spawn/ada?opt-rescue=true">Start a rescue server</a>' in page
        cluster.heal()
        ada.get("spawn/ada?opt-rescue=true")
        wait_until(lambda: ready(hub, "ada"), hub.process, hub.log)
        assert is_rescue(pod(cluster, "jupyter-ada"))
        stopped(hub, "ada/server")
        ada.get("spawn/ada")
        wait_until(lambda: ready(hub, "ada"), hub.process, hub.log)
        assert not is_rescue(pod(cluster, "jupyter-ada"))


def test_the_form_has_it_beside_the_profiles(start_hub, cluster: Cluster) -> None:
    values = {
        "hub": {"config": ANYBODY, "quotas": {"all": {"servers": 2}}},
        "singleuser": {"profileList": PROFILES},
    }
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        ada = Person(hub, "ada")
        ada.post("spawn/ada", profile="big")
        wait_until(lambda: ready(hub, "ada"), hub.process, hub.log)
        stopped(hub, "ada/server")
        _, page = ada.html("spawn/ada")
        assert 'name="rescue"' in page
        assert "has your files in /rescue/home" in page
        assert "You can start 2 more servers." in page
        assert not re.search("{[{%]", page)
        ada.post("spawn/ada", profile="plain", rescue="true")
        wait_until(lambda: ready(hub, "ada"), hub.process, hub.log)
        assert is_rescue(pod(cluster, "jupyter-ada"))
        stopped(hub, "ada/server")
        _, page = ada.html("spawn/ada")
        chosen = page[page.index('id="profile-item-big"') :].partition(">")[0]
        assert " checked" in chosen
