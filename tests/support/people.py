"""A person at a hub's pages, without a browser: cookies, forms, what is read."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from html import unescape

from .hubs import Hub

PASSWORD = "a-password-of-the-tests"
#: values with which anybody may log in with PASSWORD
ANYBODY = {
    "JupyterHub": {"authenticator_class": "dummy"},
    "DummyAuthenticator": {"password": PASSWORD, "allow_all": True},
}


class Person:
    """Somebody who is logged in."""

    def __init__(self, hub: Hub, name: str):
        self.hub, self.name = hub, name
        self._jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))
        self.get("login")
        status, text = self.post("login?next=/hub/home", username=name, password=PASSWORD)
        assert status == 200, text

    def get(self, path: str) -> tuple[int, str]:
        """(status, words) of a page."""
        status, html = self.html(path)
        return status, words(html)

    def post(self, path: str, **form: str) -> tuple[int, str]:
        """(status, words) of what a form leads to."""
        data = urllib.parse.urlencode({**form, "_xsrf": self.cookie("_xsrf")}).encode()
        status, html = self.html(path, data)
        return status, words(html)

    def cookie(self, name: str) -> str:
        """The value of one of the cookies."""
        return next(cookie.value or "" for cookie in self._jar if cookie.name == name)

    @property
    def cookies(self) -> str:
        """All cookies, as a request's header."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)

    def html(self, path: str, data: bytes | None = None) -> tuple[int, str]:
        """(status, text) of a page as it is sent."""
        try:
            with self._opener.open(f"{self.hub.url}{path}", data, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


def words(html: str) -> str:
    """The text of a page, in one line."""
    text = re.sub(r"(?s)<(script|style).*?</\1>|<[^>]*>", " ", html)
    return " ".join(unescape(text).split())
