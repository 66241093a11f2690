"""Use `z2jh dev` in a real browser.

`Z2JH_SCREENSHOT=1` updates the screenshot of the README.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from support.browsers import CHROMIUM, SLOW, log_in, new_notebook, run_cell
from support.dev import Dev

playwright_api = pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Browser, Page, expect  # noqa: E402

SCREENSHOT = Path(__file__).parents[2] / "docs" / "images" / "jupyterlab.png"
EXAMPLE = Path(__file__).parents[2] / "examples" / "config.yaml"
PASSWORD = "a-password-to-try-with"

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browser")


@pytest.fixture
def run_dev(folder: Path) -> Iterator[Callable[[], Dev]]:
    """Return a function that starts `z2jh dev` with the example; further calls start it again."""
    started: list[Dev] = []

    def make() -> Dev:
        port = started[-1].port if started else None
        started.append(Dev(folder, yaml.safe_load(EXAMPLE.read_text()), port=port))
        return started[-1].ready()

    yield make
    for each in started:
        each.end()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1200, "height": 700})
    yield page
    page.close()


def choose_profile(page: Page, name: str) -> None:
    expect(page.get_by_text(name, exact=True)).to_be_visible(timeout=SLOW)
    page.get_by_text(name, exact=True).click()
    page.get_by_role("button", name="Start").click()


def stop_server(page: Page, url: str) -> None:
    page.goto(f"{url}hub/home")
    page.get_by_role("button", name="Stop My Server").click()
    expect(page.get_by_role("button", name="Start Large again")).to_be_visible(timeout=SLOW)


def test_a_user_works_logs_out_and_finds_the_file_again(
    page: Page, run_dev: Callable[[], Dev]
) -> None:
    dev = run_dev()
    log_in(page, dev.url, "ada", PASSWORD)
    choose_profile(page, "Large")

    # the page of the starting server shows its progress and the events
    expect(page.locator("#progress-bar")).to_be_visible(timeout=SLOW)
    expect(page.locator("#progress-log")).to_contain_text("Started container", timeout=SLOW)

    page.wait_for_url("**/user/ada/lab**", timeout=SLOW)
    new_notebook(page)
    run_cell(page, "from pathlib import Path\nPath('file.txt').write_text('from a cell')")
    expect(page.locator(".jp-OutputArea-output").first).to_have_text("11", timeout=SLOW)
    run_cell(page, "sum(range(101))")
    expect(page.locator(".jp-OutputArea-output").last).to_have_text("5050", timeout=SLOW)
    expect(page.locator('.jp-DirListing-item[title*="file.txt"]')).to_be_visible(timeout=SLOW)
    if os.environ.get("Z2JH_SCREENSHOT"):
        page.get_by_role("button", name="No", exact=True).click()  # the question about Jupyter news
        expect(page.get_by_text("get notified about official")).to_have_count(0)
        SCREENSHOT.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOT)

    stop_server(page, dev.url)
    page.get_by_role("button", name="Logout").click()
    expect(page.get_by_label("Username")).to_be_visible(timeout=SLOW)
    assert dev.end() == 0

    again = run_dev()
    log_in(page, again.url, "ada", PASSWORD)
    choose_profile(page, "Small")
    page.wait_for_url("**/user/ada/lab**", timeout=SLOW)
    expect(page.locator('.jp-DirListing-item[title*="file.txt"]')).to_be_visible(timeout=SLOW)


def test_a_wrong_password_is_reported_on_the_page(page: Page, run_dev: Callable[[], Dev]) -> None:
    log_in(page, run_dev().url, "eve", "not the password")
    expect(page.get_by_text("Invalid username or password")).to_be_visible(timeout=SLOW)
