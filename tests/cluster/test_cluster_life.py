"""A release's life: installed, used, restarted, upgraded, uninstalled; homes are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from cluster_support import PASSWORD, Release
from namespaces import Namespace, wait_until
from support import browsers

playwright_api = pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Browser, BrowserContext, expect  # noqa: E402

pytestmark = pytest.mark.skipif(not browsers.CHROMIUM, reason="Chromium is not installed")

USER = "ada"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsers.chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def person(browser: Browser) -> Iterator[BrowserContext]:
    """One person's browser: it keeps its cookies."""
    context = browser.new_context()
    yield context
    context.close()


def pods(namespace: Namespace, component: str) -> dict[str, Any]:
    """uid → pod of a component."""
    found = namespace.get("pods", f"--selector=component={component}")["items"]
    return {pod["metadata"]["uid"]: pod for pod in found}


def test_helm_installs_the_chart_and_everything_gets_ready(release: Release) -> None:
    release.upgrade()


def test_a_person_logs_in_and_runs_a_cell(release: Release, person: BrowserContext) -> None:
    with release.reached() as hub:
        page = person.new_page()
        browsers.log_in(page, f"{hub.url}/hub/login", USER, PASSWORD)
        page.wait_for_url(f"{hub.url}/user/{USER}/**", timeout=browsers.SLOW)
        browsers.new_notebook(page)
        browsers.run_cell(page, "open('kept.txt', 'w').write('kept'); print(6 * 7)")
        output = page.locator(".jp-OutputArea-output").last
        expect(output).to_have_text("42", timeout=browsers.SLOW)
        page.close()


def test_the_user_scheduler_places_the_server_and_fills_nodes(namespace: Namespace) -> None:
    name = f"{namespace.name}-user-scheduler"
    (pod,) = pods(namespace, "singleuser-server").values()
    assert pod["spec"]["schedulerName"] == name
    about = f"--field-selector=involvedObject.name=jupyter-{USER},reason=Scheduled"
    (event,) = namespace.get("events", about)["items"]
    assert name in (event["reportingComponent"], event.get("source", {}).get("component"))
    # what each of them began with
    log = namespace.kubectl("logs", "--selector=component=user-scheduler", "--tail=-1")
    assert "type: MostAllocated" in log


def test_the_pods_of_a_user_are_admitted_as_restricted(namespace: Namespace) -> None:
    (pod,) = pods(namespace, "singleuser-server").values()
    assert pod["metadata"]["name"] == f"jupyter-{USER}"
    labels = namespace.get("namespace", namespace.name)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_hub_that_restarts_leaves_servers_and_logins_alone(
    release: Release, namespace: Namespace, person: BrowserContext
) -> None:
    before = pods(namespace, "singleuser-server")
    with release.reached() as hub:
        namespace.replace_pod(
            "hub",
            "--wait=false",
            meanwhile=lambda: wait_until(
                "the server answers while the hub restarts", lambda: hub.answers(USER), 10
            ),
        )
        wait_until("the hub answers", lambda: hub.call("GET", "/hub/health")[0] == 200)
        assert hub.server(USER)["ready"]
        assert hub.answers(USER)
        page = person.new_page()
        page.goto(f"{hub.url}/hub/home")
        expect(page.get_by_text("Stop My Server")).to_be_visible(timeout=browsers.SLOW)
        page.close()
    assert pods(namespace, "singleuser-server").keys() == before.keys()


def test_an_upgrade_restarts_only_what_reads_the_change(
    release: Release, namespace: Namespace
) -> None:
    server, proxy, hub = (pods(namespace, c) for c in ("singleuser-server", "proxy", "hub"))
    release.upgrade({"singleuser": {"extraEnv": {"GREETING": "hello"}}})
    assert pods(namespace, "hub").keys() != hub.keys()
    assert pods(namespace, "proxy").keys() == proxy.keys()
    assert pods(namespace, "singleuser-server").keys() == server.keys()


def test_a_server_stopped_and_started_has_the_file_and_the_change(
    release: Release, namespace: Namespace
) -> None:
    with release.reached() as hub:
        assert hub.answers(USER)
        hub.stop(USER)
        pod = hub.start(USER)
    look = 'cat /home/jovyan/kept.txt; echo " $GREETING"'
    assert namespace.execute(pod, "sh", "-c", look) == (0, "kept hello\n")


def test_uninstalling_keeps_the_homes(release: Release, namespace: Namespace) -> None:
    release.uninstall()
    assert f"claim-{USER}" in namespace.kubectl("get", "pvc", "--output=name")
    assert not pods(namespace, "hub")
