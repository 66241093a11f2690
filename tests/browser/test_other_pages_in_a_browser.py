"""The token page and the pages of errors: accessible, and no wider than a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import axe
from support.browsers import CHROMIUM, SLOW
from support.hubs import Hub
from support.people import ANYBODY

playwright_api = pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect  # noqa: E402

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.timeout(300),
]


def test_other_pages_are_accessible_and_fit(
    start_hub: Callable[..., Any], kubeconfig: Path, visit: Callable[[Hub, str, str], Page]
) -> None:
    with start_hub({"hub": {"config": ANYBODY}}, KUBECONFIG=str(kubeconfig)) as hub:
        page = visit(hub, "ada", "token")
        expect(page.get_by_role("button", name="Request new API token")).to_be_visible(timeout=SLOW)
        page.get_by_role("button", name="Request new API token").click()
        expect(page.locator("#token-result")).to_be_visible(timeout=SLOW)
        axe.check(page, "token-new")
        page.reload()
        expect(page.get_by_role("button", name="revoke").first).to_be_visible(timeout=SLOW)
        axe.check(page, "token")
        for path, heading in {
            "home": "Your servers",
            "nowhere": "Page not found",
            "admin": "You have no access to this page",
        }.items():
            page.goto(f"{hub.url}{path}")
            expect(page.get_by_role("heading", level=1)).to_have_text(heading, timeout=SLOW)
            expect(page.get_by_text("ada", exact=True).first).to_be_attached()
            axe.check(page, f"of-ada-{path}")
