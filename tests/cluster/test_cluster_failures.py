"""Users see within seconds why a real cluster does not start their servers."""

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
from failing_servers import FAULTS, NOBODY, REFUSE, Attempt, Fault, attempt
from namespaces import Namespace
from prepare import chart_image

from z2jh_hub.failures.catalogue import CATALOGUE

OURS = bool(os.environ.get("Z2JH_CLUSTER_IS_OURS"))
TRIED = [fault for fault in FAULTS if OURS or not fault.registry]
KNOWN = {failure.id: failure for failure in CATALOGUE}
# seconds to wait for causes where waiting may help; the defaults are minutes
PATIENCE = 30
START_TIMEOUT = 240


def rules(namespace: str) -> list[dict[str, Any]]:
    """Return objects that refuse servers: a quota, limits, a policy, a webhook that is down."""
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
        # it would wait for images that cannot be pulled
        "prePuller": {"hook": {"enabled": False}, "continuous": {"enabled": False}},
    }


@pytest.fixture(scope="module")
def installed(release: Release, namespace: Namespace) -> Iterator[Release]:
    """Install a release with a profile for each fault, and the objects that refuse servers."""
    objects = rules(namespace.name)
    chart = yaml.safe_load((CHART / "values.yaml").read_text())
    image = chart_image(chart, "singleuser")
    with ExitStack() as end, registry() as images:
        release.upgrade(values(images, image))
        for each in objects[2:]:  # cluster-wide, so not deleted with the namespace
            target = (each["kind"], each["metadata"]["name"], "--ignore-not-found")
            end.callback(namespace.kubectl, "delete", *target)
        namespace.apply(*objects)
        yield release


@pytest.fixture(scope="module")
def attempts(installed: Release, request: pytest.FixtureRequest) -> Iterator[dict[str, Attempt]]:
    """Start a server with each profile at the same time; yield the attempts by slug."""
    with installed.reached() as hub, ThreadPoolExecutor(len(TRIED)) as threads:
        futures = {f.slug: threads.submit(attempt, hub, f.slug, f.slug) for f in TRIED}
        results = {slug: each.result() for slug, each in futures.items()}
    yield results
    lines = [f"{'fault':14} {'cause':26} {'reported':>10} {'failed':>10}"]
    for fault in TRIED:
        each = results[fault.slug]
        times = f"{each.first(fault.cause):8.1f} s {each.ended:8.1f} s"
        lines.append(f"{fault.slug:14} {fault.cause:26} {times}")
    show(request, *lines)


def show(request: pytest.FixtureRequest, *lines: str) -> None:
    """Print although pytest captures output."""
    with request.config.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
        print("", *lines, sep="\n", flush=True)


@pytest.mark.parametrize("fault", TRIED, ids=lambda fault: fault.slug)
def test_a_user_sees_the_cause(
    fault: Fault, attempts: dict[str, Attempt], namespace: Namespace
) -> None:
    events = attempts[fault.slug].events
    assert attempts[fault.slug].last.get("failed"), evidence(namespace, fault, events)
    whole = f"{KNOWN[fault.cause].user} ({fault.cause})"
    assert whole in attempts[fault.slug].last["message"], evidence(namespace, fault, events)
    assert attempts[fault.slug].ended < START_TIMEOUT


def evidence(namespace: Namespace, fault: Fault, events: Any) -> str:
    """Return events and log lines, which help to fix the catalogue."""
    lines = [f"{at:.1f} {e.get('failure', '')} {e.get('message')}" for at, e in events]
    selector = f"involvedObject.name=jupyter-{fault.slug}"
    lines.append(namespace.kubectl("get", "events", f"--field-selector={selector}"))
    log = namespace.kubectl("logs", "--selector=component=hub", "--tail=-1").splitlines()
    lines += [line for line in log if f"jupyter-{fault.slug} " in line or line.startswith("  seen")]
    return "\n".join(lines)


def test_a_hub_without_permissions_reports_it(
    installed: Release, namespace: Namespace, attempts: dict[str, Attempt]
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
