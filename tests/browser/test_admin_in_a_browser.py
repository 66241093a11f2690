"""The page of administrators: why starts failed, why servers stopped, and the sizes of homes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from support import axe
from support.browsers import CHROMIUM, SLOW
from support.clusters import Cluster
from support.hubs import Hub, wait_until
from support.people import ANYBODY
from support.servers import begin, ready

playwright_api = pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect  # noqa: E402

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.timeout(300),
]

VALUES: dict[str, Any] = {
    "hub": {"config": {**ANYBODY, "Authenticator": {"admin_users": ["grace"]}}},
    "singleuser": {"storage": {"capacity": "10Gi"}},
}
HOSTILE = "<img src=x onerror=document.title=1>" + 200 * "x"


@pytest.fixture
def hub(start_hub: Callable[..., Any], cluster: Cluster) -> Iterator[Hub]:
    with start_hub(VALUES, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        yield hub


def row(page: Page, user: str) -> Any:
    """Return the row of a user's default server in JupyterHub's table."""
    return page.get_by_test_id(f"user-row-{user}")


def fail(hub: Hub, user: str, **options: Any) -> None:
    """Start a server that fails, and wait until it has."""
    hub.api(f"users/{quote(user)}", "POST")
    hub.api(f"users/{quote(user)}/server", "POST", options)
    pending = lambda: hub.api(f"users/{quote(user)}")[1]["servers"].get("", {}).get("pending")  # noqa: E731
    wait_until(lambda: not pending(), hub.process, hub.log)


def test_the_page_shows_why_a_start_failed_and_why_servers_stopped(
    hub: Hub, cluster: Cluster, visit: Callable[[Hub, str, str], Page]
) -> None:
    begin(hub, ["ada"])
    hub.api("users/ada/server", "DELETE")
    wait_until(lambda: not ready(hub), hub.process, hub.log)
    cluster.fault("fail-pod", reason="PostStartHookError", message="password=hunter2 is wrong")
    fail(hub, HOSTILE)

    page = visit(hub, "grace", "admin")
    failures = page.get_by_role("region", name="Failed starts in the last 24 hours")
    expect(failures).to_contain_text("post-start-failed", timeout=SLOW)
    expect(failures).to_contain_text("<img src=x onerror=")
    stops = page.get_by_role("region", name="Servers that stopped, and homes")
    expect(stops).to_contain_text("by the service tests")
    expect(stops).to_contain_text("10 GiB claim")

    row(page, "ada").get_by_role("button", name="Start Server").click()
    alert = page.locator("#start-alerts")
    expect(alert).to_contain_text("The server of ada could not be started", timeout=SLOW)
    expect(alert).to_contain_text("post-start-failed")
    expect(failures).to_contain_text("ada", timeout=SLOW)
    failures.get_by_text("Last starts").click()
    axe.check(page, "admin")
    assert "hunter2" not in page.content()
    assert page.title() != "1"

    page.get_by_label("Name of a user").fill("nobody")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("No server that stopped has a user with this name.")).to_be_visible()
    page.get_by_label("Name of a user").fill("ad")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("Servers shown: 1")).to_be_visible()


def test_a_refused_start_shows_the_refusal(
    hub: Hub, visit: Callable[[Hub, str, str], Page]
) -> None:
    hub.api("users/ada", "POST")
    page = visit(hub, "grace", "admin")
    expect(row(page, "ada")).to_be_visible(timeout=SLOW)
    page.evaluate(
        "fetch(new URL('/hub/api/users/ada/servers/other', location), {method: 'POST',"
        " headers: {'X-XSRFToken': window.jhdata.xsrf_token}}); 0"
    )
    expect(page.locator("#start-alerts")).to_contain_text(
        "ada/other: Named servers are not enabled.", timeout=SLOW
    )
    expect(page.get_by_text("No start failed in the last 24 hours.")).to_be_visible()
