"""The proxy's own error page, while the hub or a user server does not answer."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.browsers import CHROMIUM, SLOW
from support.hubs import answers, free_port, wait_until

from z2jh_hub.local.dev import proxy

playwright_api = pytest.importorskip("playwright.sync_api")

from playwright.sync_api import Browser, expect  # noqa: E402

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.timeout(300),
]


class FakeHub(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f"<h1>The hub at {self.path}</h1>".encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub_port() -> int:
    return free_port()


@pytest.fixture
def url(tmp_path: Path, hub_port: int) -> Iterator[str]:
    """Run the proxy as `z2jh dev` does, with a route to a user server that does not answer."""
    try:
        script = proxy.install()
    except proxy.ProxyMissing as error:
        pytest.skip(str(error))
    port, api = free_port(), free_port()
    command = proxy.command(
        script, port=port, api_port=api, hub_port=hub_port, errors=tmp_path / "errors"
    )
    log = tmp_path / "proxy.log"
    token = "a-token-of-the-tests"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            env=os.environ | {"CONFIGPROXY_AUTH_TOKEN": token},
        )
    try:
        health = f"http://127.0.0.1:{port}/_chp_healthz"
        wait_until(lambda: answers(health), process, log)
        route = urllib.request.Request(
            f"http://127.0.0.1:{api}/api/routes/user/ada",
            method="POST",
            data=json.dumps({"target": f"http://127.0.0.1:{free_port()}"}).encode(),
            headers={"Authorization": f"token {token}"},
        )
        urllib.request.urlopen(route, timeout=30).close()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def start_fake_hub(hub_port: int) -> Iterator[Callable[[], None]]:
    servers: list[http.server.ThreadingHTTPServer] = []

    def start() -> None:
        servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", hub_port), FakeHub))
        threading.Thread(target=servers[0].serve_forever).start()

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_page_says_that_the_hub_restarts_and_comes_back(
    browser: Browser, url: str, start_fake_hub: Callable[[], None]
) -> None:
    page = browser.new_page()
    answer = page.goto(f"{url}/hub/home?next=1")
    assert answer
    assert answer.status == 503
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("JupyterHub is restarting")
    expect(page.get_by_text("Running servers are not affected")).to_be_visible()
    start_fake_hub()
    expect(heading).to_have_text("The hub at /hub/home?next=1", timeout=SLOW)
    page.close()


def test_a_user_server_that_does_not_answer_is_named(
    browser: Browser, url: str, start_fake_hub: Callable[[], None]
) -> None:
    start_fake_hub()
    page = browser.new_page()
    page.goto(f"{url}/user/ada/lab")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("This server does not answer", timeout=SLOW)
    page.get_by_role("link", name="Home").click()
    expect(heading).to_have_text("The hub at /hub/home", timeout=SLOW)
    page.close()
