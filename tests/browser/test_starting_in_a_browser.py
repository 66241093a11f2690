"""The page of a starting server: sentences for the user, Kubernetes' own lines folded away."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from support.browsers import CHROMIUM, SLOW
from support.clusters import Cluster
from support.hubs import Hub
from support.people import ANYBODY

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
