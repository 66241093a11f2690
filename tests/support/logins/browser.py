"""A browser without scripts: cookies, redirects and forms, on the names of an `Internet`."""

from __future__ import annotations

import http.client
import http.cookiejar
import re
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

from ..hubs import Hub
from ..people import words
from .internet import Internet

HUB = "hub.example.org"
HOME = f"https://{HUB}/hub/home"
USER = re.compile(r'user: "([^"]*)"')  # in a script of each page of the hub


@dataclass(frozen=True)
class Page:
    """What the browser shows: the final URL, its status and its HTML."""

    url: str
    status: int
    html: str

    @property
    def text(self) -> str:
        return words(self.html)

    @property
    def user(self) -> str:
        """The hub's name of the user who is logged in; empty for nobody."""
        match = USER.search(self.html)
        return unescape(match[1]) if match else ""


class Browser:
    """A browser of `person`, who has a session at every provider.

    The hub speaks plain HTTP behind a proxy that terminates TLS, as it does on Kubernetes.
    """

    def __init__(self, internet: Internet, hub_port: int, person: str = ""):
        self.jar = http.cookiejar.CookieJar()
        self._internet, self._person = internet, person
        self.visited: list[str] = []
        self._opener = urllib.request.build_opener(
            _Https(internet, hub_port, self.visited),
            urllib.request.HTTPCookieProcessor(self.jar),
        )
        self._opener.addheaders = [("X-Person", person), ("X-Forwarded-Proto", "https")]

    @classmethod
    def of(cls, hub: Hub, internet: Internet, person: str = "") -> Browser:
        port = urllib.parse.urlsplit(hub.url).port
        assert port
        return cls(internet, port, person)

    def on(self, hub: Hub) -> Browser:
        """Return this browser, with its cookies, for a hub that was started again."""
        again = Browser.of(hub, self._internet, self._person)
        for cookie in self.jar:
            again.jar.set_cookie(cookie)
        return again

    def home(self) -> Page:
        return self.open(HOME)

    def secrets(self) -> set[str]:
        """Return the codes of providers in the addresses that were visited."""
        queries = (urllib.parse.urlsplit(url).query for url in self.visited)
        fields = (urllib.parse.parse_qs(query) for query in queries)
        return {code for each in fields for code in each.get("code", ())}

    def open(self, url: str, form: dict[str, str] | None = None) -> Page:
        data = None if form is None else urllib.parse.urlencode(form).encode()
        try:
            with self._opener.open(url, data, timeout=30) as answer:
                return Page(answer.url, answer.status, answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Page(error.url, error.code, error.read().decode())

    def submit(self, page: Page, **fields: str) -> Page:
        """Submit the first form of a page, with its hidden fields and with `fields`."""
        action = re.search(r'<form[^>]*action="([^"]*)"', page.html)
        assert action, page.text
        hidden = {}
        for tag in re.findall(r"<input[^>]*hidden[^>]*>", page.html):
            attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
            hidden[attributes["name"]] = unescape(attributes.get("value", ""))
        target = urllib.parse.urljoin(page.url, unescape(action[1]))
        return self.open(target, {**hidden, **fields})

    def log_in(self, url: str = HOME) -> Page:
        """Open a page of the hub, and press the button of its log-in page."""
        page = self.open(url)
        button = re.search(r'href=[\'"](/hub/oauth_login[^\'"]*)', page.html)
        assert button, page.text
        return self.open(urllib.parse.urljoin(page.url, unescape(button[1])))

    def log_out(self) -> Page:
        return self.open(f"https://{HUB}/hub/logout")


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, internet: Internet, hub_port: int, visited: list[str]):
        super().__init__()
        self._internet, self._hub_port, self._visited = internet, hub_port, visited
        self._tls = internet.client_context()

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        self._visited.append(request.full_url)
        return self.do_open(self._connection, request)  # type: ignore[arg-type]

    def _connection(self, host: str, timeout: float = 30, **_: Any) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(host, 443, timeout=timeout)
        plain = {HUB: self._hub_port, **self._internet.plain}
        port = plain.get(host) or self._internet.ports[host]
        sock = socket.create_connection(("127.0.0.1", port), timeout)
        connection.sock = sock if host in plain else self._wrap(sock, host)
        return connection

    def _wrap(self, sock: socket.socket, host: str) -> socket.socket:
        return self._tls.wrap_socket(sock, server_hostname=host)


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition does not hold"
        time.sleep(0.1)
