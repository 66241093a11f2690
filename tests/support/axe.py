"""Accessibility checks of a page with axe-core, which npm installs once."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from z2jh_hub.local.dev import proxy

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
    place = Path(sys.prefix) / "share" / "z2jh" / f"axe-core-{VERSION}"
    file = place / "node_modules" / "axe-core" / "axe.min.js"
    if not file.exists():
        place.mkdir(parents=True, exist_ok=True)
        try:
            npm = proxy.node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        except proxy.ProxyMissing as error:
            pytest.skip(str(error))
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save"]
        command = [proxy.node(), npm, "install", *options, f"axe-core@{VERSION}"]
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=120)
        if done.returncode:
            pytest.skip(f"npm could not install axe-core: {done.stderr[-300:]}")
    return file.read_text("utf-8")


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
