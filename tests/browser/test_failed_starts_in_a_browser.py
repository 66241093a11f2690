"""The page of a failed start: one cause, and what the user can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.browsers import CHROMIUM, SLOW
from support.clusters import Cluster
from support.hubs import Hub, wait_until
from support.people import ANYBODY
from support.servers import ready

from z2jh_hub.spawner.rescue import LABEL

playwright_api = pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, Route, expect  # noqa: E402

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.timeout(300),
]

CAUSE = "The start-up command of this server failed."
PROFILES = [
    {"display_name": "Small", "default": True},
    {
        "display_name": "Large",
        "profile_options": {
            "language": {
                "display_name": "Language",
                "choices": {"python": {"display_name": "Python"}, "r": {"display_name": "R"}},
            }
        },
    },
]


def expect_failure(page: Page, cause: str) -> None:
    """Expect the page of a failed start, with its cause once and nothing that contradicts it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Your server could not be started", timeout=SLOW
    )
    expect(page.get_by_text(cause)).to_have_count(1)
    for text in ("is starting", "redirected", "Stop Server", "Spawn failed"):
        expect(page.get_by_text(text)).to_have_count(0)
    expect(page.get_by_role("button", name="Start a rescue server")).to_have_count(1)


def test_a_failed_start_shows_one_cause_and_what_helps(
    start_hub: Callable[..., Any], cluster: Cluster, visit: Callable[[Hub, str, str], Page]
) -> None:
    values = {"hub": {"config": ANYBODY}}
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        cluster.fault("fail-pod", reason="PostStartHookError", message="password=hunter2 is wrong")
        page = visit(hub, "ada", "spawn")
        expect_failure(page, CAUSE)
        expect(page.get_by_role("button", name="Choose another")).to_have_count(0)
        expect(page.get_by_text("which has your files in /rescue/home")).to_have_count(0)

        page.get_by_role("button", name="Copy details").click()
        expect(page.get_by_text("Copied.")).to_be_visible()
        report = " ".join((page.locator("#report-text").text_content() or "").split())
        assert "Cause: post-start-failed" in report
        assert "User: ada Server: default" in report
        assert "UTC" in report
        assert "Last events:" in report
        assert "hunter2" not in page.content()

        cluster.heal()
        page.get_by_role("button", name="Start a rescue server").click()
        wait_until(lambda: "ada" in ready(hub), hub.process, hub.log)
        assert LABEL in cluster.get("pods/jupyter-ada")["metadata"]["labels"]


def test_trying_again_requests_the_same_options(
    start_hub: Callable[..., Any], cluster: Cluster, visit: Callable[[Hub, str, str], Page]
) -> None:
    values = {"hub": {"config": ANYBODY}, "singleuser": {"profileList": PROFILES}}
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        cluster.fault("fail-pod", reason="PostStartHookError", message="exit code 1")
        page = visit(hub, "ada", "spawn")
        page.get_by_role("radio", name="Large").check(force=True)
        page.get_by_role("combobox", name="Language").select_option("r")
        page.get_by_role("button", name="Start").click()
        expect_failure(page, CAUSE)

        page.get_by_role("button", name="Choose another server").click()
        expect(page.get_by_role("radio", name="Large")).to_be_visible(timeout=SLOW)
        page.go_back()

        cluster.heal()
        page.get_by_role("button", name="Try again").click()
        wait_until(lambda: "ada" in ready(hub), hub.process, hub.log)
        options = hub.api("users/ada")[1]["servers"][""]["user_options"]
        assert options == {"profile": "large", "language": "r"}


def test_a_page_that_connects_late_shows_the_cause(
    start_hub: Callable[..., Any], cluster: Cluster, visit: Callable[[Hub, str, str], Page]
) -> None:
    """On a slow network it requests the events after the failure, while the pod is deleted."""
    with start_hub({"hub": {"config": ANYBODY}}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        cluster.fault("fail-pod", reason="PostStartHookError", message="exit code 1")
        cluster.fault("delay", verb="delete", resource="pods", seconds=6)
        page = visit(hub, "ada", "home")

        def connect_late(route: Route) -> None:
            while "Deleting pod" not in hub.log.read_text():
                page.wait_for_timeout(100)
            route.continue_()

        page.route("**/server/progress*", connect_late)
        page.goto(f"{hub.url}spawn")
        expect_failure(page, CAUSE)
