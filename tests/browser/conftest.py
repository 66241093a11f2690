"""A real browser, and people at its pages."""

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
    """`visit(hub, "ada", "spawn")`: the page of a hub that Ada sees, in a browser of her own."""
    pages: list[Page] = []

    def open_page(hub: Hub, user: str, path: str) -> Page:
        pages.append(browser.new_page())
        log_in(pages[-1], f"{hub.url}login?next=/hub/{path}", user, PASSWORD)
        return pages[-1]

    yield open_page
    for page in pages:
        page.close()
