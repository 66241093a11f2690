"""Take the pictures of the hub's pages in docs/images: `python tools/screenshots.py`.

Runs `z2jh dev` with tools/screenshots.yaml in a temporary directory. Needs Chromium.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
USER, ADMIN = "a-password-for-pictures", "another-password-for-the-admin-page"
SECONDS = 120

sys.path.insert(0, str(ROOT / "tests"))
from support.browsers import SLOW, chromium, log_in  # noqa: E402
from support.hubs import answers, free_port, wait_until  # noqa: E402

from z2jh_hub.local.dev import proxy  # noqa: E402


@contextmanager
def hub() -> Iterator[str]:
    """Run a hub in the `with` block; yield its URL."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w+") as log:
        state, values = Path(folder) / "state", Path(__file__).with_suffix(".yaml")
        z2jh = Path(sys.executable).with_name("z2jh")
        command = [z2jh, "dev", values, "--state", state, "--port", str(free_port())]
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            yield _url(process, Path(log.name))
        finally:
            process.terminate()
            process.wait()


@contextmanager
def proxy_without_hub() -> Iterator[str]:
    """Run the proxy of a hub that is restarting in the `with` block; yield its URL."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w") as log:
        port = free_port()
        command = proxy.command(
            proxy.install(), port=port, api_port=free_port(), hub_port=free_port(),
            errors=Path(folder) / "errors",
        )  # fmt: skip
        environ = {**os.environ, "CONFIGPROXY_AUTH_TOKEN": "unused"}
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environ)
        try:
            health = f"http://127.0.0.1:{port}/_chp_healthz"
            wait_until(lambda: answers(health), process, Path(log.name))
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()
            process.wait()


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if ready := re.search(r"Ready after .*?(http://\S+/)", log.read_text("utf-8")):
            return ready[1]
        time.sleep(0.5)
    sys.exit(f"z2jh dev is not ready:\n{log.read_text('utf-8')}")


def take(page: Page, name: str) -> None:
    page.screenshot(path=IMAGES / f"{name}.png")
    print(f"docs/images/{name}.png")


def visit(browser: Browser, url: str, user: str, password: str) -> Page:
    page = browser.new_page(viewport={"width": 1000, "height": 640})
    page.set_default_timeout(SLOW)
    log_in(page, url, user, password)
    return page


def pictures(browser: Browser, url: str) -> None:
    """Take the pictures for which the hub runs: a user's, a failed start, and the admin page."""
    pictures_of_a_server(visit(browser, url, "ada", USER), url)

    grace = visit(browser, url, "grace", USER)
    grace.goto(f"{url}hub/spawn")
    grace.get_by_text("Statistics", exact=True).click()
    grace.get_by_role("button", name="Start").click()
    grace.get_by_role("heading", name="could not be started").wait_for()
    take(grace, "failed-start")

    admin = visit(browser, url, "admin", ADMIN)
    admin.goto(f"{url}hub/admin")
    admin.get_by_text("Displaying 1-").wait_for()
    admin.set_viewport_size({"width": 1000, "height": 1000})
    take(admin, "admin")


def pictures_of_a_server(page: Page, url: str) -> None:
    """Take a picture of the profiles, a start, the home page and a stopped server."""
    page.goto(f"{url}hub/spawn")
    page.wait_for_load_state("networkidle")
    take(page, "profiles")
    page.get_by_text("Large", exact=True).click()
    page.get_by_role("button", name="Start").click()
    page.get_by_text("Elapsed time: 1 s").wait_for()
    take(page, "start")
    page.wait_for_url("**/user/ada/lab**")
    page.goto(f"{url}hub/home")
    page.wait_for_load_state("networkidle")
    take(page, "home")
    page.get_by_role("button", name="Stop").or_(page.get_by_role("link", name="Stop")).first.click()
    page.get_by_text("Stopped").first.wait_for()
    page.goto(f"{url}user/ada/lab")
    page.wait_for_load_state("networkidle")
    take(page, "stopped")


if __name__ == "__main__":
    with hub() as url, chromium() as browser:
        pictures(browser, url)
    with proxy_without_hub() as url, chromium() as browser:
        page = browser.new_page(viewport={"width": 1000, "height": 640})
        page.goto(f"{url}hub/home")
        take(page, "restarting")
