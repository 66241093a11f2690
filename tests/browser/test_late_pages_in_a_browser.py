"""A page that asks for the events of a start around the time it fails shows the cause, never an
empty bar. `Z2JH_RACES` sets how often each case is tried.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from support.browsers import CHROMIUM, SLOW
from support.clusters import Cluster
from support.hubs import Hub
from support.people import ANYBODY

playwright_api = pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Page, Route, expect  # noqa: E402

RACES = int(os.environ.get("Z2JH_RACES", "8"))
LATE = 3.0  # seconds; the events are requested 0 to LATE seconds after the page

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.timeout(300 + 20 * RACES),
]

# a start that fails after the page was sent, for a cause that nobody knows
HOOK = """
import asyncio

async def fail(spawner):
    if spawner.user.name == "bo":
        await asyncio.sleep(1.5)
        raise RuntimeError("an-internal-detail")

c.Spawner.pre_spawn_hook = fail
"""


@pytest.mark.parametrize(
    ("user", "cause"),
    [
        ("ada", "The cluster refused this server"),
        ("bo", "because of an error in this JupyterHub"),
    ],
)
def test_a_late_page_shows_the_cause(
    user: str,
    cause: str,
    start_hub: Callable[..., Any],
    cluster: Cluster,
    visit: Callable[[Hub, str, str], Page],
) -> None:
    values = {"hub": {"config": ANYBODY, "extraConfig": {"hook": HOOK}}}
    with start_hub(values, KUBECONFIG=str(cluster.kubeconfig)) as hub:
        cluster.fault("delay", verb="create", resource="pods", seconds=1.5)
        cluster.fault("refuse", verb="create", resource="pods", status=403, message="not today")
        page = visit(hub, user, "home")
        delays = iter([LATE * number / RACES for number in range(RACES)])

        def connect_late(route: Route) -> None:
            page.wait_for_timeout(1000 * next(delays, 0))
            route.continue_()

        page.route("**/server/progress*", connect_late)
        for _ in range(RACES):
            page.goto(f"{hub.url}spawn/{user}")
            expect(page.get_by_role("heading", level=1)).to_have_text(
                "Your server could not be started", timeout=SLOW
            )
            expect(page.get_by_text(cause)).to_have_count(1)
            expect(page.get_by_role("button", name="Copy details")).to_be_visible()
            assert "an-internal-detail" not in page.content()
