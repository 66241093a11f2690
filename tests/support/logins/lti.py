"""A learning platform that launches tools with LTI 1.3, at Moodle's addresses."""

from __future__ import annotations

import html
import http.server
import json
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from ..hubs import serve
from .answers import CLIENT_ID
from .browser import HUB, Browser, Page
from .members import MEMBERS

PLATFORM = "https://moodle.example.edu"
CALLBACK = f"https://{HUB}/hub/lti13/oauth_callback"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim"


@dataclass
class Platform:
    """What the platform signs with, and claims that a test changes in the next launches."""

    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    signed_with: rsa.RSAPrivateKey | None = None
    changes: dict[str, Any] = field(default_factory=dict)

    def keys(self) -> str:
        """Return the public key as a JSON Web Key Set."""
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return json.dumps({"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]})

    def form(self, query: dict[str, str]) -> str:
        """Return the page that sends the browser back to the hub with a launch."""
        assert query["redirect_uri"] == CALLBACK
        assert query["response_mode"] == "form_post"
        fields = {"state": query["state"], "id_token": self._id_token(query)}
        inputs = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
            for name, value in fields.items()
        )
        return f'<form method="post" action="{CALLBACK}">{inputs}</form>'

    def _id_token(self, query: dict[str, str]) -> str:
        member, now = MEMBERS[query["login_hint"]], int(time.time())
        claims = {
            "iss": PLATFORM, "aud": query["client_id"], "sub": str(member.number),
            "iat": now, "exp": now + 60, "nonce": query["nonce"], "email": member.email,
            f"{CLAIM}/version": "1.3.0", f"{CLAIM}/deployment_id": "1", f"{CLAIM}/roles": [],
            f"{CLAIM}/message_type": "LtiResourceLinkRequest",
            f"{CLAIM}/target_link_uri": f"https://{HUB}/hub/home",
            f"{CLAIM}/resource_link": {"id": "1"},
            **self.changes,
        }  # fmt: skip
        key = self.signed_with or self.key
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "one"})


class Handler(http.server.BaseHTTPRequestHandler):
    """HTTP for `Platform`."""

    platform: Platform

    def do_GET(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        pages = {"/mod/lti/auth.php": self._form, "/mod/lti/certs.php": self._keys}
        body = pages[url.path](dict(urllib.parse.parse_qsl(url.query))).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _form(self, query: dict[str, str]) -> str:
        return self.platform.form(query)

    def _keys(self, _: dict[str, str]) -> str:
        return self.platform.keys()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def run() -> Iterator[tuple[Platform, int]]:
    """Serve a platform over HTTP in the `with` block; yield it and its port."""
    platform = Platform()
    with serve(type("OfPlatform", (Handler,), {"platform": platform})) as port:
        yield platform, port


def launch(browser: Browser, person: str) -> Page:
    """Open the tool as a person on the platform."""
    login = {
        "iss": PLATFORM, "login_hint": person, "client_id": CLIENT_ID,
        "target_link_uri": f"https://{HUB}/hub/home",
    }  # fmt: skip
    page = browser.open(f"https://{HUB}/hub/lti13/oauth_login", login)
    return browser.submit(page) if page.status == 200 else page
