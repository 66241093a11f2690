"""The profile form in a real browser: with the keyboard only, and for screen readers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import axe
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
    {
        "display_name": "Small",
        "description": "1 GB of memory.",
        "allowed_groups": ["students", "staff"],
        "default": True,
    },
    {
        "display_name": "Large",
        "description": "64 GB of memory.",
        "allowed_groups": ["staff"],
        "profile_options": {
            "language": {
                "display_name": "Language",
                "choices": {
                    "python": {"display_name": "Python", "default": True},
                    "julia": {"display_name": "Julia"},
                },
                "unlisted_choice": {"enabled": True, "display_name": "Image of your own"},
            }
        },
    },
]
VALUES = {
    "hub": {"config": ANYBODY},
    "singleuser": {"profileList": PROFILES, "storage": {"type": "none"}},
}
MEMBERS = {"staff": ["ada"], "students": ["bo"]}


@pytest.fixture
def hub(start_hub: Callable[..., Any], kubeconfig: Path) -> Iterator[Hub]:
    """Run a hub with Ada (staff), Bo (student) and Cy, who is in no group."""
    with start_hub(VALUES, KUBECONFIG=str(kubeconfig)) as hub:
        for group, names in MEMBERS.items():
            hub.api(f"groups/{group}", "POST")
            for name in names:
                hub.api(f"users/{name}", "POST")
            hub.api(f"groups/{group}/users", "POST", {"users": names})
        yield hub


def tab_to(page: Page, role: Any, name: str) -> None:
    """Press Tab until the element has the focus."""
    element = page.get_by_role(role, name=name)
    for _ in range(30):
        if element.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach the {role} {name}")


def test_a_profile_is_chosen_with_the_keyboard_and_remembered(
    visit: Callable[[Hub, str, str], Page], hub: Hub
) -> None:
    page = visit(hub, "ada", "spawn")
    group = page.get_by_role("group", name="Choose a server")
    expect(group.get_by_role("radio")).to_have_count(2, timeout=SLOW)
    small, large = (group.get_by_role("radio", name=name) for name in ("Small", "Large"))
    expect(small).to_be_checked()
    expect(large).to_have_accessible_description("64 GB of memory.")

    tab_to(page, "radio", "Small")
    page.keyboard.press("ArrowDown")
    expect(large).to_be_checked()
    tab_to(page, "combobox", "Language")
    expect(page.get_by_label("Image of your own")).to_be_hidden()
    page.keyboard.press("ArrowUp")  # from Python, which is the default
    expect(page.get_by_role("combobox", name="Language")).to_have_value("julia")
    expect(large).to_be_checked()
    tab_to(page, "button", "Start")
    page.keyboard.press("Enter")
    wait_until(lambda: "ada" in ready(hub), hub.process, hub.log)
    options = hub.api("users/ada?include_stopped_servers=1")[1]["servers"][""]["user_options"]
    assert options == {"profile": "large", "language": "julia"}

    hub.api("users/ada/server", "DELETE")
    wait_until(lambda: "ada" not in ready(hub), hub.process, hub.log)
    page.goto(f"{hub.url}spawn")
    expect(large).to_be_checked(timeout=SLOW)
    expect(page.get_by_role("combobox", name="Language")).to_have_value("julia")


def test_an_unlisted_choice_has_a_label_and_is_sent(
    visit: Callable[[Hub, str, str], Page], hub: Hub
) -> None:
    page = visit(hub, "ada", "spawn")
    page.get_by_role("combobox", name="Language").select_option(label="Other...")
    expect(page.get_by_role("radio", name="Large")).to_be_checked()
    page.get_by_label("Image of your own").fill("quay.io/ada/own:1")
    page.get_by_role("button", name="Start").click()
    wait_until(lambda: "ada" in ready(hub), hub.process, hub.log)
    options = hub.api("users/ada")[1]["servers"][""]["user_options"]
    assert options == {"profile": "large", "language--unlisted-choice": "quay.io/ada/own:1"}


def test_users_see_only_their_profiles(visit: Callable[[Hub, str, str], Page], hub: Hub) -> None:
    page = visit(hub, "bo", "spawn")
    expect(page.get_by_role("radio", name="Small")).to_be_checked(timeout=SLOW)
    expect(page.get_by_role("radio")).to_have_count(1)
    expect(page.get_by_text("Large")).to_have_count(0)


def test_a_user_without_a_profile_sees_why(
    visit: Callable[[Hub, str, str], Page], hub: Hub
) -> None:
    page = visit(hub, "cy", "spawn")
    expect(page.get_by_text("No profile is available to you")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("You are in no group")).to_be_visible()
    expect(page.get_by_role("button", name="Start")).to_have_count(0)


IMAGES = {
    "image": {
        "display_name": "Image",
        "choices": {"python": {"display_name": "Python"}},
        "unlisted_choice": {
            "enabled": True,
            "display_name": "Name of the image",
            "validation_regex": "^quay.io/.+$",
        },
    }
}
CHOICES = [
    {"display_name": "Plain", "default": True},
    {
        "display_name": "Statistics",
        "description": "With R and Stan.",
        "kubespawner_override": {
            "mem_limit": "16G",
            "cpu_guarantee": 4,
            "extra_resource_limits": {"nvidia.com/gpu": "1"},
        },
    },
    {"display_name": "Own image", "profile_options": IMAGES},
    {"display_name": "GPU (A100)", "slug": "gpu"},
    *({"display_name": f"Other {number}"} for number in range(20)),
]


@pytest.fixture
def large_hub(start_hub: Callable[..., Any], kubeconfig: Path) -> Iterator[Hub]:
    """Run a hub with many profiles, of which one needs a text and one is used up."""
    values = {
        "hub": {"config": ANYBODY, "quotas": {"all": {"profiles": {"gpu": 0}}}},
        "singleuser": {"profileList": CHOICES, "storage": {"type": "none"}},
    }
    with start_hub(values, KUBECONFIG=str(kubeconfig)) as hub:
        yield hub


def test_a_choice_that_needs_a_text_is_not_sent_without_it(
    visit: Callable[[Hub, str, str], Page], large_hub: Hub
) -> None:
    page = visit(large_hub, "ada", "spawn")
    page.get_by_role("combobox", name="Image").select_option(label="Other...")
    expect(page.get_by_role("radio", name="Own image")).to_be_checked()
    text = page.get_by_label("Name of the image")
    start = page.get_by_role("button", name="Start", exact=True)
    expect(start).to_be_in_viewport()
    start.click()
    expect(text).to_be_focused()
    assert page.url.endswith("/hub/spawn")
    text.fill("docker.io/not/allowed")
    start.click()
    assert not text.evaluate("input => input.validity.valid")
    # without a browser that checks it, the hub does
    text.fill("")
    page.evaluate("document.getElementById('spawn_form').noValidate = true")
    start.click()
    expect(page.get_by_role("alert")).to_have_text(
        "Type a value for Image in the profile Own image.", timeout=SLOW
    )


def test_fields_of_other_profiles_do_not_block_the_form(
    visit: Callable[[Hub, str, str], Page], large_hub: Hub
) -> None:
    page = visit(large_hub, "ada", "spawn")
    page.get_by_role("combobox", name="Image").select_option(label="Other...")
    page.get_by_label("Name of the image").fill("not an image")
    page.get_by_text("Plain", exact=True).click()
    page.get_by_role("button", name="Start", exact=True).click()
    wait_until(lambda: "ada" in ready(large_hub), large_hub.process, large_hub.log)
    assert large_hub.api("users/ada")[1]["servers"][""]["user_options"] == {"profile": "plain"}


def test_a_profile_that_is_used_up_cannot_be_chosen_and_says_why(
    visit: Callable[[Hub, str, str], Page], large_hub: Hub
) -> None:
    page = visit(large_hub, "ada", "spawn")
    gpu = page.get_by_role("radio", name="GPU (A100)")
    expect(gpu).to_be_disabled(timeout=SLOW)
    expect(gpu).to_have_accessible_description(
        "You have 0 servers of this profile and may have 0 at once."
    )


def test_a_profile_is_chosen_by_a_click_anywhere_on_its_card(
    visit: Callable[[Hub, str, str], Page], large_hub: Hub
) -> None:
    page = visit(large_hub, "ada", "spawn")
    card = page.locator(".profile", has=page.get_by_role("radio", name="Other 3", exact=True))
    box = card.bounding_box()
    assert box
    card.click(position={"x": box["width"] - 10, "y": box["height"] - 10})
    expect(page.get_by_role("radio", name="Other 3", exact=True)).to_be_checked()


def test_many_profiles_can_be_searched(
    visit: Callable[[Hub, str, str], Page], large_hub: Hub
) -> None:
    page = visit(large_hub, "ada", "spawn")
    statistics = page.get_by_role("radio", name="Statistics")
    expect(statistics).to_have_accessible_description(
        "With R and Stan. 16 GB of memory 4 CPUs 1 GPU", timeout=SLOW
    )
    search = page.get_by_label("Search the servers")
    search.fill("stan 16")
    expect(page.get_by_text(f"1 of {len(CHOICES)} servers")).to_be_visible()
    expect(page.get_by_role("radio", name="Other 3", exact=True)).to_be_hidden()
    expect(statistics).to_be_visible()
    expect(page.get_by_role("radio", name="Plain")).to_be_visible()  # it is still chosen
    search.press("Enter")  # does not start a server
    assert page.url.endswith("/hub/spawn")
    statistics.check(force=True)
    axe.check(page, "search")
    search.fill("")
    expect(page.get_by_role("radio", name="Other 3", exact=True)).to_be_visible()
    page.get_by_role("button", name="Start", exact=True).click()
    wait_until(lambda: "ada" in ready(large_hub), large_hub.process, large_hub.log)


def test_few_profiles_have_no_search(visit: Callable[[Hub, str, str], Page], hub: Hub) -> None:
    page = visit(hub, "ada", "spawn")
    expect(page.get_by_role("radio", name="Small")).to_be_checked(timeout=SLOW)
    expect(page.get_by_label("Search the servers")).to_have_count(0)
