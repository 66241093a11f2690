"""axe-core finds nothing serious or critical on the hub's pages, in light and dark mode."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support import axe
from support.browsers import CHROMIUM, SLOW, log_in
from support.clusters import Cluster
from support.hubs import Hub
from support.people import ANYBODY, PASSWORD

playwright_api = pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Browser, Page, expect  # noqa: E402

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.timeout(300),
]

PROFILES = [
    {"display_name": "Small", "description": "1 GB of memory."},
    {"display_name": "GPU", "slug": "gpu"},
]
WIDTHS = (1280, 390)


@pytest.fixture
def hub(start_hub: Callable[..., Any], cluster: Cluster) -> Iterator[Hub]:
    """Run a hub with a form, on which each start waits for some time and then fails."""
    values = {
        "hub": {"config": ANYBODY, "quotas": {"all": {"profiles": {"gpu": 0}}}},
        "singleuser": {"profileList": PROFILES, "storage": {"type": "none"}},
    }
    cluster.fault("fail-pod", reason="PostStartHookError", message="exit code 1")
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        yield hub


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_serious_violations(
    scheme: Any, browser: Browser, hub: Hub, cluster: Cluster
) -> None:
    page = browser.new_page(color_scheme=scheme)
    violations: list[str] = []

    def check(name: str) -> None:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.wait_for_timeout(300)  # until transitions of colours end
            violations.extend(f"{name} at {width}: {each}" for each in axe.violations(page))

    page.goto(f"{hub.url}login")
    check("log in")
    log_in(page, f"{hub.url}login?next=/hub/home", "ada", "wrong")
    expect(page.locator(".login_error")).to_be_visible(timeout=SLOW)
    check("wrong password")
    log_in(page, f"{hub.url}login?next=/hub/home", "ada", PASSWORD)
    expect(page.get_by_role("button", name="Start My Server")).to_be_visible(timeout=SLOW)
    check("home")
    page.goto(f"{hub.url}nowhere")
    check("error")
    page.goto(f"{hub.url}spawn/ada?opt-profile=gpu")
    expect(page.get_by_role("alert")).to_be_visible(timeout=SLOW)
    check("refused form")
    page.goto(f"{hub.url}spawn")
    check("form")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#cause")).to_be_visible(timeout=SLOW)
    check("failed")
    cluster.heal()
    cluster.fault("fail-pod", reason="Unschedulable", message="Insufficient memory")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#progress-message")).to_contain_text("memory", timeout=SLOW)
    page.get_by_text("Details").click()
    check("pending")
    page.close()
    assert not violations, "\n".join(violations)


def test_the_focus_is_visible(hub: Hub, visit: Callable[[Hub, str, str], Page]) -> None:
    page = visit(hub, "ada", "spawn")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible(timeout=SLOW)
    for _ in range(12):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() == 0:
            break
        style = focused.evaluate(
            "element => { const style = getComputedStyle(element.closest('.profile') || element);"
            " return style.outlineStyle + style.boxShadow; }"
        )
        assert style != "nonenone", focused.evaluate("element => element.outerHTML")
