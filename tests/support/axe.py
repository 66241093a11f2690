"""Accessibility checks of a page with axe-core, which npm installs once."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from . import npm

if TYPE_CHECKING:
    from playwright.sync_api import Page

VERSION = "4.14.1"
RUN = """
async () => (await axe.run()).violations
  .filter(each => ["serious", "critical"].includes(each.impact))
  .flatMap(each => each.nodes.map(node => `${each.id}: ${node.target} ${node.failureSummary}`))
"""


@cache
def script() -> str:
    """Return the text of axe-core; skip the test if it cannot be installed."""
    return (npm.install("axe-core", VERSION) / "axe.min.js").read_text("utf-8")


def violations(page: Page) -> list[str]:
    """Return the serious and critical violations on a page."""
    page.evaluate(script())
    serious: list[str] = page.evaluate(RUN)
    return serious


def check(page: Page, name: str) -> None:
    """Check a page at both widths in both modes, and that nothing is wider than the page.

    `Z2JH_SCREENSHOTS` names a folder for pictures of it.
    """
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.evaluate(f"document.documentElement.dataset.bsTheme = '{scheme}'")
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(300)  # until transitions of colours end
            if folder := os.environ.get("Z2JH_SCREENSHOTS"):
                page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png", full_page=True)
            assert not violations(page), f"{name} at {width}, {scheme}"
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(wide) <= 0, f"{name} scrolls at {width}"
    page.set_viewport_size({"width": 1280, "height": 900})
