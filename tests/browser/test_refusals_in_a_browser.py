"""Pages that refuse something say what and why, in one sentence, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.browsers import CHROMIUM, SLOW
from support.hubs import Hub, wait_until
from support.people import ANYBODY
from support.servers import ready

playwright_api = pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect  # noqa: E402

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.timeout(300),
]

PROFILES = [
    {"display_name": "Small", "default": True},
    {"display_name": "GPU (A100)", "slug": "gpu"},
]
NAMED = {**ANYBODY, "JupyterHub": {**ANYBODY["JupyterHub"], "allow_named_servers": True}}
PYTHON = ("SpawnException", "reason=", "Error:", "HTTP 4", "None")


@pytest.fixture
def hub(start_hub: Callable[..., Any], kubeconfig: Path) -> Iterator[Hub]:
    """Run a hub whose users may have two servers, of which one has a GPU."""
    values = {
        "hub": {"config": NAMED, "quotas": {"all": {"servers": 2, "profiles": {"gpu": 1}}}},
        "singleuser": {"profileList": PROFILES, "storage": {"type": "none"}},
    }
    with start_hub(values, KUBECONFIG=str(kubeconfig)) as hub:
        yield hub


def expect_no_python(page: Page) -> None:
    for text in PYTHON:
        expect(page.get_by_text(text)).to_have_count(0)


def start(hub: Hub, server: str, profile: str) -> None:
    user, _, name = server.partition("/")
    hub.api(f"users/{user}", "POST")
    path = f"servers/{name}" if name else "server"
    assert hub.api(f"users/{user}/{path}", "POST", {"profile": profile})[0] in (201, 202)
    wait_until(
        lambda: bool(hub.api(f"users/{user}")[1]["servers"].get(name, {}).get("ready")),
        hub.process,
        hub.log,
    )


def test_a_refused_form_shows_the_sentence_and_the_form_of_that_server(
    visit: Callable[[Hub, str, str], Page], hub: Hub
) -> None:
    start(hub, "ada", "small")
    page = visit(hub, "ada", "spawn/ada/lab")
    page.get_by_role("radio", name="GPU (A100)").check(force=True)
    start(hub, "ada/train", "gpu")
    page.get_by_role("button", name="Start").click()
    alert = page.get_by_role("alert")
    expect(alert).to_have_text(
        "You have 2 servers and may have 2 at once. Stop one that you do not need, then start "
        "this one again.",
        timeout=SLOW,
    )
    expect_no_python(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("lab")
    # what is left counts the other servers, not this one
    expect(page.get_by_text("You can start 0 more servers")).to_be_visible()


def test_a_refused_link_shows_the_sentence(
    visit: Callable[[Hub, str, str], Page], hub: Hub
) -> None:
    start(hub, "ada/train", "gpu")
    page = visit(hub, "ada", "spawn/ada?opt-profile=gpu")
    expect(page.get_by_role("alert")).to_have_text(
        "You have 1 server of the profile GPU (A100) and may have 1 at once.", timeout=SLOW
    )
    expect_no_python(page)


def test_a_refusal_without_a_form_shows_the_sentence(
    start_hub: Callable[..., Any], kubeconfig: Path, visit: Callable[[Hub, str, str], Page]
) -> None:
    values = {"hub": {"config": ANYBODY, "quotas": {"all": {"servers": 0}}}}
    with start_hub(values, KUBECONFIG=str(kubeconfig)) as hub:
        page = visit(hub, "ada", "spawn")
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Your server was not started", timeout=SLOW
        )
        expect(page.get_by_text("You may not start a server")).to_have_count(1)
        expect(page.get_by_text("ada", exact=True)).to_be_visible()
        expect_no_python(page)


@pytest.mark.parametrize(
    ("path", "heading", "advice"),
    [
        ("nowhere", "Page not found", "Check the address"),
        ("user/bo/", "Page not found", "Check the address"),
        ("admin", "You have no access to this page", "administrators"),
        ("spawn/bo", "Page not found", "Check the address"),
    ],
)
def test_error_pages_keep_the_user_and_say_what_to_do(
    path: str, heading: str, advice: str, visit: Callable[[Hub, str, str], Page], hub: Hub
) -> None:
    page = visit(hub, "ada", "home")
    page.goto(f"{hub.url}{path}")
    expect(page.get_by_role("heading", level=1)).to_have_text(heading, timeout=SLOW)
    expect(page.get_by_text("ada", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Logout")).to_be_visible()
    expect(page.get_by_role("main").get_by_text(advice)).to_have_count(1)
    expect(page.get_by_role("main").get_by_role("button", name="Home")).to_be_visible()
    expect_no_python(page)
    assert "moons" not in page.content()
    assert "ada" not in ready(hub)
