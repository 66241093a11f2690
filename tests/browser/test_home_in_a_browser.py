"""The home page: what runs, until when, why a server stopped, and how to start it again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import axe
from support.browsers import CHROMIUM, SLOW
from support.clusters import Cluster
from support.hubs import Hub, wait_until
from support.people import ANYBODY
from support.servers import ready

playwright_api = pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, expect  # noqa: E402

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.timeout(300),
]

NAMED = {**ANYBODY, "JupyterHub": {**ANYBODY["JupyterHub"], "allow_named_servers": True}}
PROFILES = [
    {"display_name": "Small"},
    {
        "display_name": "Data 101",
        "slug": "data",
        "kubespawner_override": {"mem_limit": "2G", "cpu_limit": 1.5},
        "profile_options": {
            "language": {
                "display_name": "Language",
                "choices": {"python": {"display_name": "Python"}, "r": {"display_name": "R"}},
            }
        },
    },
]
VALUES = {
    "hub": {"config": NAMED, "quotas": {"all": {"servers": 2, "hoursPerWeek": 20}}},
    "cull": {"enabled": True, "timeout": 3600, "every": 600},
    "singleuser": {"profileList": PROFILES},
}
DATA = {"profile": "data", "language": "r"}
AT = r"\d\d:\d\d"


@pytest.fixture
def hub(start_hub: Callable[..., Any], kubeconfig: Path) -> Iterator[Hub]:
    """Run a hub with profiles, quotas, named servers and a culler."""
    with start_hub(VALUES, KUBECONFIG=str(kubeconfig)) as hub:
        yield hub


def start(hub: Hub, server: str, options: dict[str, str]) -> None:
    user, _, name = server.partition("/")
    hub.api(f"users/{user}", "POST")
    path = f"servers/{name}" if name else "server"
    assert hub.api(f"users/{user}/{path}", "POST", options)[0] in (201, 202)
    wait_until(
        lambda: bool(hub.api(f"users/{user}")[1]["servers"].get(name, {}).get("ready")),
        hub.process,
        hub.log,
    )


def test_home_shows_a_server_and_starts_it_again(
    hub: Hub, visit: Callable[[Hub, str, str], Page]
) -> None:
    start(hub, "ada", DATA)
    page = visit(hub, "ada", "home")
    card = page.get_by_role("region", name="My server")
    expect(card).to_contain_text("Running", timeout=SLOW)
    for text in ("Data 101", "2 GB of memory, 1.5 CPUs", re.compile(f"Started\\s*{AT}")):
        expect(card).to_contain_text(text)
    expect(card).to_contain_text(re.compile(rf"Stops\s*at {AT} if unused"))
    expect(page.get_by_text("Hours this week: 0.0 used, 20.0 of 20 left.")).to_be_visible()
    expect(card.get_by_role("button", name="Open my server")).to_have_attribute(
        "href", "/user/ada/"
    )
    axe.check(page, "home-running")

    card.get_by_role("button", name="Stop my server").click()
    expect(card).to_contain_text(
        re.compile(f"You stopped it at {AT}. Your files are kept."), timeout=SLOW
    )
    axe.check(page, "home-stopped")
    card.get_by_role("button", name="Start Data 101 again").click()
    wait_until(lambda: "ada" in ready(hub), hub.process, hub.log)
    assert hub.api("users/ada")[1]["servers"][""]["user_options"] == DATA


def test_servers_with_names_have_cards(hub: Hub, visit: Callable[[Hub, str, str], Page]) -> None:
    page = visit(hub, "ada", "home")
    page.get_by_label("Name of a new server").fill("Thesis")
    page.get_by_role("button", name="Add a server").click()
    page.get_by_role("radio", name="Small").check(force=True, timeout=SLOW)
    page.get_by_role("button", name="Start", exact=True).click()
    wait_until(
        lambda: any(each["ready"] for each in hub.api("users/ada")[1]["servers"].values()),
        hub.process,
        hub.log,
    )
    page.goto(f"{hub.url}home")
    card = page.get_by_role("region", name="Thesis")
    expect(card).to_contain_text("Running", timeout=SLOW)
    expect(card).to_contain_text("Small")
    axe.check(page, "home-named")
    card.get_by_role("button", name="Stop Thesis").click()
    expect(card).to_contain_text("You stopped it at", timeout=SLOW)
    page.on("dialog", lambda dialog: dialog.accept())
    card.get_by_role("button", name="Delete Thesis").click()
    expect(card).to_have_count(0, timeout=SLOW)


def test_the_page_of_a_stopping_server_continues(
    hub: Hub, visit: Callable[[Hub, str, str], Page], cluster: Cluster
) -> None:
    start(hub, "ada", DATA)
    cluster.fault("delay", verb="delete", resource="pods", seconds=6)
    page = visit(hub, "ada", "home")
    expect(page.get_by_role("region", name="My server")).to_contain_text("Running", timeout=SLOW)
    page.evaluate(
        "fetch('/hub/api/users/ada/server',"
        " {method: 'DELETE', headers: {'X-XSRFToken': window.jhdata.xsrf_token}}); 0"
    )
    page.wait_for_timeout(500)
    page.goto(f"{hub.url}spawn-pending/ada")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Your server is stopping", timeout=SLOW)
    # while the hub does not answer, the page stays and reports it
    page.route("**/hub/api/", lambda route: route.fulfill(status=503))
    expect(page.get_by_text("JupyterHub does not answer")).to_be_visible(timeout=SLOW)
    axe.check(page, "stopping")
    page.unroute("**/hub/api/")
    expect(heading).to_have_text("Your server is not running", timeout=SLOW)
    expect(page.get_by_role("main")).to_contain_text(
        re.compile(f"You stopped it at {AT}. Your files are kept.")
    )
    expect(page.get_by_role("button", name="Start Data 101 again")).to_be_visible()
    axe.check(page, "stopped")


def test_a_rescue_server_has_a_banner(hub: Hub, visit: Callable[[Hub, str, str], Page]) -> None:
    start(hub, "ada", {})
    hub.api("users/ada/server", "DELETE")
    wait_until(lambda: "ada" not in ready(hub), hub.process, hub.log)
    start(hub, "ada", {"rescue": "true"})
    page = visit(hub, "ada", "home")
    banner = page.get_by_text("This is a rescue server. Your files are in /rescue/home.")
    expect(banner).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("region", name="My server")).to_contain_text("Rescue server")
    axe.check(page, "home-rescue")
    page.goto(f"{hub.url}token")
    expect(banner).to_be_visible(timeout=SLOW)
