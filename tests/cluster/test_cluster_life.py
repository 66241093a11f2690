"""Install, use, restart, upgrade and uninstall a release; homes are kept."""

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
def user_browser(browser: Browser) -> Iterator[BrowserContext]:
    """Create the browser context of one user, which keeps its cookies."""
    context = browser.new_context()
    yield context
    context.close()


def pods(namespace: Namespace, component: str) -> dict[str, Any]:
    """Return the pods of a component by uid."""
    items = namespace.get("pods", f"--selector=component={component}")["items"]
    return {pod["metadata"]["uid"]: pod for pod in items}


def test_every_pod_becomes_ready_after_installation(release: Release) -> None:
    release.upgrade()


def test_a_user_logs_in_and_runs_a_cell(release: Release, user_browser: BrowserContext) -> None:
    with release.reached() as hub:
        page = user_browser.new_page()
        browsers.log_in(page, f"{hub.url}/hub/login", USER, PASSWORD)
        page.wait_for_url(f"{hub.url}/user/{USER}/**", timeout=browsers.SLOW)
        browsers.new_notebook(page)
        browsers.run_cell(page, "open('file.txt', 'w').write('content'); print(6 * 7)")
        output = page.locator(".jp-OutputArea-output").last
        expect(output).to_have_text("42", timeout=browsers.SLOW)
        page.close()


def test_the_user_scheduler_packs_servers_onto_nodes(namespace: Namespace) -> None:
    name = f"{namespace.name}-user-scheduler"
    (pod,) = pods(namespace, "singleuser-server").values()
    assert pod["spec"]["schedulerName"] == name
    about = f"--field-selector=involvedObject.name=jupyter-{USER},reason=Scheduled"
    (event,) = namespace.get("events", about)["items"]
    assert name in (event["reportingComponent"], event.get("source", {}).get("component"))
    # each replica logs its configuration at startup
    log = namespace.kubectl("logs", "--selector=component=user-scheduler", "--tail=-1")
    assert "type: MostAllocated" in log


def test_the_pods_of_a_user_are_admitted_as_restricted(namespace: Namespace) -> None:
    (pod,) = pods(namespace, "singleuser-server").values()
    assert pod["metadata"]["name"] == f"jupyter-{USER}"
    labels = namespace.get("namespace", namespace.name)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_restart_of_the_hub_keeps_servers_and_logins(
    release: Release, namespace: Namespace, user_browser: BrowserContext
) -> None:
    before = pods(namespace, "singleuser-server")
    with release.reached() as hub:
        assert hub.answers(USER)  # a server asks the hub about a token that it does not know yet
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
        page = user_browser.new_page()
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


def test_a_restarted_server_has_the_file_and_the_new_variable(
    release: Release, namespace: Namespace
) -> None:
    with release.reached() as hub:
        assert hub.answers(USER)
        hub.stop(USER)
        pod = hub.start(USER)
    script = 'cat /home/jovyan/file.txt; echo " $GREETING"'
    assert namespace.execute(pod, "sh", "-c", script) == (0, "content hello\n")


def test_uninstalling_keeps_the_homes(release: Release, namespace: Namespace) -> None:
    release.uninstall()
    assert f"claim-{USER}" in namespace.kubectl("get", "pvc", "--output=name")
    assert not pods(namespace, "hub")
