"""What a real cluster says of servers that cannot start is told to their users, in seconds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
import yaml
from cluster_support import CHART, Release
from failing_registry import registry
from failing_servers import FAULTS, NOBODY, REFUSE, Fault, Told, attempt
from namespaces import Namespace
from prepare import chart_image

from z2jh_hub.failures.catalogue import CATALOGUE

OURS = bool(os.environ.get("Z2JH_CLUSTER_IS_OURS"))
TRIED = [fault for fault in FAULTS if OURS or not fault.registry]
KNOWN = {failure.id: failure for failure in CATALOGUE}
# seconds for the causes that are tried here, where waiting may help: the chart's own are minutes
PATIENCE = 30
START_TIMEOUT = 240


def rules(namespace: str) -> list[dict[str, Any]]:
    """What refuses servers: a quota, limits, a policy, a webhook that does not answer."""
    here = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    pods = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"]}
    pods["resources"] = ["pods"]
    admission = "admissionregistration.k8s.io/v1"
    policy, webhook = f"{namespace}-policy", f"{namespace}.example.org"
    return [
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "share"},
            "spec": {"hard": {"requests.example.org/gold": "0", "requests.storage": "500Gi"}},
        },
        {
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": {"name": "sizes"},
            "spec": {"limits": [{"type": "PersistentVolumeClaim", "max": {"storage": "2Ti"}}]},
        },
        {
            "apiVersion": admission,
            "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": policy},
            "spec": {
                "matchConstraints": {"namespaceSelector": here, "resourceRules": [pods]},
                "validations": [
                    {
                        "expression": f"object.metadata.?labels['{REFUSE}'].orValue('') != "
                        "'policy'",
                        "message": "the budget is used up",
                    }
                ],
            },
        },
        {
            "apiVersion": admission,
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": policy},
            "spec": {"policyName": policy, "validationActions": ["Deny"]},
        },
        {
            "apiVersion": admission,
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": webhook},
            "webhooks": [
                {
                    "name": webhook,
                    "namespaceSelector": here,
                    "objectSelector": {"matchLabels": {REFUSE: "webhook"}},
                    "rules": [pods],
                    "clientConfig": {"service": {"namespace": namespace, "name": "none-such"}},
                    "admissionReviewVersions": ["v1"],
                    "sideEffects": "None",
                    "timeoutSeconds": 2,
                }
            ],
        },
        *(
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {"name": name},
                "provisioner": "example.org/nobody",
                "volumeBindingMode": mode,
            }
            for name, mode in ((NOBODY, "Immediate"), (f"{NOBODY}-waits", "WaitForFirstConsumer"))
        ),
    ]


def values(images: str, image: str) -> dict[str, Any]:
    profiles: list[dict[str, Any]] = [{"display_name": "Plain", "slug": "plain", "default": True}]
    profiles += [fault.profile(images, image) for fault in TRIED]
    tried = {fault.cause for fault in TRIED}
    patience = {id: {"wait": PATIENCE} for id in tried if KNOWN[id].wait > PATIENCE}
    return {
        "singleuser": {"profileList": profiles, "startTimeout": START_TIMEOUT},
        "hub": {"failures": patience},
        # they would wait for the images that cannot be pulled
        "prePuller": {"hook": {"enabled": False}, "continuous": {"enabled": False}},
    }


@pytest.fixture(scope="module")
def installed(release: Release, namespace: Namespace) -> Iterator[Release]:
    """The release with a profile for each fault, and the rules that refuse servers."""
    made = rules(namespace.name)
    chart = yaml.safe_load((CHART / "values.yaml").read_text())
    image = chart_image(chart, "singleuser")
    with ExitStack() as end, registry() as images:
        release.upgrade(values(images, image))
        for each in made[2:]:  # what is not in the namespace does not go with it
            where = (each["kind"], each["metadata"]["name"], "--ignore-not-found")
            end.callback(namespace.kubectl, "delete", *where)
        namespace.apply(*made)
        yield release


@pytest.fixture(scope="module")
def told(installed: Release, request: pytest.FixtureRequest) -> Iterator[dict[str, Told]]:
    """slug → what its user was told; all of them start at the same time."""
    with installed.reached() as hub, ThreadPoolExecutor(len(TRIED)) as threads:
        begun = {f.slug: threads.submit(attempt, hub, f.slug, f.slug) for f in TRIED}
        found = {slug: each.result() for slug, each in begun.items()}
    yield found
    lines = [f"{'fault':14} {'cause':26} {'told after':>10} {'given up':>10}"]
    for fault in TRIED:
        each = found[fault.slug]
        times = f"{each.first(fault.cause):8.1f} s {each.ended:8.1f} s"
        lines.append(f"{fault.slug:14} {fault.cause:26} {times}")
    show(request, *lines)


def show(request: pytest.FixtureRequest, *lines: str) -> None:
    """Print while pytest captures what is printed."""
    with request.config.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
        print("", *lines, sep="\n", flush=True)


@pytest.mark.parametrize("fault", TRIED, ids=lambda fault: fault.slug)
def test_a_user_is_told_why(fault: Fault, told: dict[str, Told], namespace: Namespace) -> None:
    events = told[fault.slug].events
    assert told[fault.slug].last.get("failed"), seen(namespace, fault, events)
    whole = f"{KNOWN[fault.cause].user} ({fault.cause})"
    assert whole in told[fault.slug].last["message"], seen(namespace, fault, events)
    assert told[fault.slug].ended < START_TIMEOUT


def seen(namespace: Namespace, fault: Fault, events: Any) -> str:
    """What the cluster says, for whoever mends the catalogue."""
    lines = [f"{at:.1f} {e.get('failure', '')} {e.get('message')}" for at, e in events]
    about = f"involvedObject.name=jupyter-{fault.slug}"
    lines.append(namespace.kubectl("get", "events", f"--field-selector={about}"))
    log = namespace.kubectl("logs", "--selector=component=hub", "--tail=-1").splitlines()
    lines += [line for line in log if f"jupyter-{fault.slug} " in line or line.startswith("  seen")]
    return "\n".join(lines)


def test_a_hub_that_may_not_start_servers_says_so(
    installed: Release, namespace: Namespace, told: dict[str, Told]
) -> None:
    binding = namespace.get("rolebinding", "hub")
    for own in ("resourceVersion", "uid", "creationTimestamp"):
        del binding["metadata"][own]
    namespace.kubectl("delete", "rolebinding", "hub")
    try:
        with installed.reached() as hub:
            last, log = attempt(hub, "not-allowed", "plain").last, hub.log()
    finally:
        namespace.apply(binding)
    assert f"{KNOWN['hub-not-allowed'].user} (hub-not-allowed)" in last["message"], log
