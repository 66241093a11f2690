"""The page of a failed start names the cause and offers a rescue server."""

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


def test_the_button_of_a_failed_start_starts_a_rescue_server(
    start_hub: Callable[..., Any], cluster: Cluster, visit: Callable[[Hub, str, str], Page]
) -> None:
    values = {"hub": {"config": ANYBODY}}
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        cluster.fault("fail-pod", reason="PostStartHookError", message="exit code 1")
        page = visit(hub, "ada", "spawn")
        # the open page of the start shows the cause
        expect(page.get_by_text("(post-start-failed)").first).to_be_visible(timeout=SLOW)
        expect(page.get_by_text("which has your files in /rescue/home").first).to_be_visible()
        cluster.heal()
        page.get_by_role("button", name="Start a rescue server").first.click()
        wait_until(lambda: "ada" in ready(hub), hub.process, hub.log)
        assert LABEL in cluster.get("pods/jupyter-ada")["metadata"]["labels"]


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
        expect(page.get_by_text("(post-start-failed)").first).to_be_visible(timeout=SLOW)
