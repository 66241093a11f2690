"""Fixtures: a real browser, and pages of a hub for users who are logged in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from support.browsers import chromium, log_in
from support.fixtures import cluster, kubeconfig, proxy_api, start_hub
from support.hubs import Hub
from support.people import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["cluster", "kubeconfig", "proxy_api", "start_hub"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[[Hub, str, str], Page]]:
    """Return a function: `visit(hub, "ada", "spawn")` logs Ada in and opens that page."""
    pages: list[Page] = []

    def open_page(hub: Hub, user: str, path: str) -> Page:
        pages.append(browser.new_page())
        log_in(pages[-1], f"{hub.url}login?next=/hub/{path}", user, PASSWORD)
        return pages[-1]

    yield open_page
    for page in pages:
        page.close()
