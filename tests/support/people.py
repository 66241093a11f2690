"""Use the pages of a hub without a browser: cookies, forms and visible text."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from html import unescape

from .hubs import Hub

PASSWORD = "a-password-of-the-tests"
#: `hub.config` that lets anyone log in with PASSWORD
ANYBODY = {
    "JupyterHub": {"authenticator_class": "dummy"},
    "DummyAuthenticator": {"password": PASSWORD, "allow_all": True},
}


class Person:
    """A user who is logged in."""

    def __init__(self, hub: Hub, name: str):
        self.hub, self.name = hub, name
        self._jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))
        self.get("login")
        status, text = self.post("login?next=/hub/home", username=name, password=PASSWORD)
        assert status == 200, text

    def get(self, path: str) -> tuple[int, str]:
        """Return the status and the visible text of a page."""
        status, html = self.html(path)
        return status, words(html)

    def post(self, path: str, **form: str) -> tuple[int, str]:
        """Submit a form; return the status and the visible text of the result."""
        data = urllib.parse.urlencode({**form, "_xsrf": self.cookie("_xsrf")}).encode()
        status, html = self.html(path, data)
        return status, words(html)

    def cookie(self, name: str) -> str:
        """Return the value of a cookie."""
        return next(cookie.value or "" for cookie in self._jar if cookie.name == name)

    @property
    def cookies(self) -> str:
        """All cookies as a request header."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)

    def html(self, path: str, data: bytes | None = None) -> tuple[int, str]:
        """Return the status and the HTML of a page."""
        try:
            with self._opener.open(f"{self.hub.url}{path}", data, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


def words(html: str) -> str:
    """Return the visible text of a page on one line."""
    text = re.sub(r"(?s)<(script|style).*?</\1>|<[^>]*>", " ", html)
    return " ".join(unescape(text).split())
