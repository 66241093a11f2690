"""Use a hub in a real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), None)
# milliseconds: the first JupyterLab on two busy cores
SLOW = int(os.environ.get("Z2JH_BROWSER_TIMEOUT", "120000"))


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a headless browser in the `with` block."""
    from playwright.sync_api import sync_playwright

    # Chromium's sandbox does not work as root
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    options += ["--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


def log_in(page: Page, url: str, user: str, password: str) -> None:
    """Log in with JupyterHub's form."""
    page.goto(url)
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def new_notebook(page: Page) -> None:
    """Create a notebook from JupyterLab's launcher, and wait for its kernel."""
    from playwright.sync_api import expect

    card = page.locator('.jp-LauncherCard[data-category="Notebook"]').first
    expect(card).to_be_visible(timeout=SLOW)
    card.click()
    idle = page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    expect(idle).to_be_visible(timeout=SLOW)


def run_cell(page: Page, code: str) -> None:
    """Type into the last cell and run it until the kernel executes it; then add a cell.

    JupyterLab shows a kernel as idle before it is connected, and drops cells that are run then.
    """
    from playwright.sync_api import expect

    cells = page.locator(".jp-Notebook .jp-Cell")
    cell = cells.nth(cells.count() - 1)
    editor = cell.locator(".cm-content")
    editor.click()
    expect(editor).to_be_focused(timeout=SLOW)
    page.keyboard.insert_text(code)
    expect(editor).to_contain_text(code, use_inner_text=True, timeout=SLOW)
    prompt = cell.locator(".jp-InputPrompt")
    deadline = time.monotonic() + SLOW / 1000
    while prompt.inner_text() == "[ ]:":
        assert time.monotonic() < deadline, "the kernel does not execute the cell"
        page.keyboard.press("Control+Enter")
        with suppress(AssertionError):
            expect(prompt).not_to_have_text("[ ]:", timeout=2000)
    page.keyboard.press("Escape")
    page.keyboard.press("b")
