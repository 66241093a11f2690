"""The page of a starting server: sentences for the user, Kubernetes' own lines folded away."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from support import axe
from support.browsers import CHROMIUM, SLOW
from support.clusters import Cluster
from support.hubs import Hub
from support.people import ANYBODY
from support.servers import begin

playwright_api = pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect  # noqa: E402

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.timeout(300),
]

FULL = "0/1 nodes are available: 1 Insufficient memory."


def test_the_page_says_what_a_start_waits_for(
    start_hub: Callable[..., Any], cluster: Cluster, visit: Callable[[Hub, str, str], Page]
) -> None:
    with start_hub({"hub": {"config": ANYBODY}}, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        cluster.fault("fail-pod", reason="Unschedulable", message="Insufficient memory")
        page = visit(hub, "ada", "spawn")
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Your server is starting", timeout=SLOW
        )
        message = page.locator("#progress-message")
        expect(message).to_contain_text("The cluster is short of memory", timeout=SLOW)
        expect(message).not_to_contain_text("nodes")
        expect(page.get_by_text(FULL).first).to_be_hidden()
        page.get_by_text("Details").click()
        expect(page.get_by_text(FULL).first).to_be_visible()
        expect(page.get_by_text(re.compile(r"Elapsed time: \d+ s"))).to_be_visible()
        expect(page.get_by_role("progressbar", name="Progress of the start")).to_have_count(1)
        steps = page.get_by_role("list", name="Steps of the start").get_by_role("listitem")
        expect(steps).to_have_count(5)
        expect(steps.nth(0)).to_have_text("Finding a machine in progress")
        expect(steps.nth(0)).to_have_attribute("aria-current", "step")
        expect(page.get_by_text("Usually ready after")).to_have_count(0)

        # the time is that of the start, not of the page
        page.wait_for_timeout(2000)
        page.reload()
        elapsed = page.locator("#elapsed")
        expect(elapsed).to_contain_text("s", timeout=SLOW)
        seconds = re.search(r"(\d+) s", elapsed.inner_text())
        assert seconds
        assert int(seconds[1]) >= 2

        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Your server is not running", timeout=SLOW
        )
        assert cluster.names("pods") == []


def test_the_page_shows_the_steps_and_the_usual_time(
    start_hub: Callable[..., Any], cluster: Cluster, visit: Callable[[Hub, str, str], Page]
) -> None:
    config = {
        **ANYBODY,
        "JupyterHub": {**ANYBODY["JupyterHub"], "authenticate_prometheus": False},
    }
    values = {"hub": {"config": config}, "singleuser": {"storage": {"type": "none"}}}
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        begin(hub, ["bo", "cy", "di"])
    # what is usual survives a restart of the hub, and is a metric
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        with urllib.request.urlopen(f"{hub.url}metrics") as answer:
            metrics = answer.read().decode()
        assert re.search(r'^z2jh_usual_start_seconds\{profile=""\} [\d.]+$', metrics, re.MULTILINE)
        cluster.fault("fail-pod", reason="ImagePullBackOff", message="Back-off pulling image")
        page = visit(hub, "ada", "spawn")
        expect(page.get_by_text(re.compile(r"Usually ready after \d+ s\."))).to_be_visible(
            timeout=SLOW
        )
        steps = page.get_by_role("list", name="Steps of the start").get_by_role("listitem")
        expect(steps.nth(2)).to_have_text("Downloading the image in progress", timeout=SLOW)
        for done in range(2):
            expect(steps.nth(done)).to_contain_text("done")
        axe.check(page, "starting")
