"""The page of `z2jh cost --open` in Chromium: drawn with the mouse and with the keyboard."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from cost.plans import hours, plan
from support import axe

from z2jh_hub.cost import page as cost_page
from z2jh_hub.cost.running import Culling

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

EMPTY = "Monday, 10 o'clock"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The page, served from an event loop in another thread."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    urls: list[str] = []
    done = asyncio.Event()

    async def serve() -> None:
        async with cost_page.running(plan(40, hours(), culling=Culling(3600))) as url:
            urls.append(url)
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    yield urls[0]
    loop.call_soon_threadsafe(done.set)
    thread.join(10)
    loop.close()


@pytest.fixture
def opened(browser: Browser, url: str) -> Iterator[Page]:
    problems: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text))
    page.goto(url)
    page.locator("#components tr").first.wait_for()
    yield page
    page.close()
    assert problems == []


def changes(page: Page, before: str) -> str:
    """Return the total as soon as it is not `before`."""
    page.wait_for_function("text => document.getElementById('total').textContent !== text",
                           arg=before)  # fmt: skip
    return page.locator("#total").inner_text()


def test_pattern_is_drawn_with_the_mouse(opened: Page) -> None:
    before = opened.locator("#total").inner_text()
    first, last = (opened.get_by_label(f"Tuesday, {hour} o'clock", exact=True) for hour in (9, 12))
    start, end = first.bounding_box(), last.bounding_box()
    assert start
    assert end
    opened.mouse.move(start["x"] + 5, start["y"] + start["height"] / 2)
    opened.mouse.down()
    opened.mouse.move(end["x"] + 5, end["y"] + end["height"] / 2, steps=30)
    opened.mouse.up()
    for hour in (9, 10, 11, 12):
        cell = opened.get_by_label(f"Tuesday, {hour} o'clock", exact=True)
        assert cell.get_attribute("aria-valuetext") == "20 users"
    after = changes(opened, before)
    opened.get_by_role("button", name="clear").click()
    assert changes(opened, after) == before


def test_pattern_is_changed_with_the_keyboard(opened: Page) -> None:
    before = opened.locator("#total").inner_text()
    opened.locator(".hour").first.focus()
    for key in ["ArrowRight"] * 10 + ["ArrowUp"] * 3 + ["Shift+ArrowDown"] * 5:
        opened.keyboard.press(key)
    cell = opened.get_by_label(EMPTY, exact=True)
    assert cell.get_attribute("aria-valuenow") == "4"
    changes(opened, before)
    opened.keyboard.press("PageDown")
    opened.keyboard.press("End")
    below = opened.get_by_label("Tuesday, 10 o'clock", exact=True)
    assert below.get_attribute("aria-valuenow") == "40"


def test_settings_change_the_estimate(opened: Page) -> None:
    opened.get_by_role("button", name="always").click()
    before = changes(opened, opened.locator("#total").inner_text())
    opened.get_by_label("Spot nodes").check()
    spot = changes(opened, before)
    opened.get_by_label("Users", exact=True).fill("80")
    assert float(changes(opened, spot).split()[0].replace(",", "")) > float(spot.split()[0])


def test_mistake_is_reported_and_the_last_estimate_stays(opened: Page) -> None:
    opened.get_by_label("Stop idle servers").fill("99999")
    problem = opened.get_by_role("alert")
    problem.filter(has_text="Stop idle servers after minutes: ").wait_for()
    assert opened.locator("#components tr").count() == 5


def test_saved_pattern_is_one_that_the_command_reads(opened: Page, tmp_path) -> None:
    from z2jh_hub.cost import patterns

    opened.get_by_role("button", name="research").click()
    with opened.expect_download() as download:
        opened.get_by_role("button", name="Save as CSV").click()
    file = tmp_path / "pattern.csv"
    download.value.save_as(file)
    assert patterns.read(str(file)).hours == patterns.read("research").hours


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_page_fits_its_window_and_is_accessible(opened: Page, scheme, width: int) -> None:
    opened.emulate_media(color_scheme=scheme)
    opened.set_viewport_size({"width": width, "height": 900})
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    axe.check(opened, f"cost-{scheme}-{width}")
