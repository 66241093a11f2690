"""One server under the names of all login providers."""

from __future__ import annotations

import http.server
import json
import re
import secrets
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from . import answers
from .browser import HUB
from .internet import Internet
from .members import MEMBERS, Member

CALLBACK = f"https://{HUB}/hub/oauth_callback"


@dataclass
class Issued:
    """A code or a token, and for whom: codes are used once, and only with their request."""

    member: Member
    provider: str
    scope: str
    callback: str = ""


@dataclass
class Providers:
    """What the sites have issued."""

    codes: dict[str, Issued] = field(default_factory=dict)
    tokens: dict[str, Issued] = field(default_factory=dict)

    def authorize(self, provider: str, query: dict[str, str], person: str) -> tuple[int, str]:
        """Return the status and where to send the browser, or the message of the site's page."""
        if query.get("client_id") != answers.CLIENT_ID or query.get("response_type") != "code":
            return 400, "unknown client"
        if query.get("redirect_uri") != CALLBACK:
            return 400, f"redirect_uri mismatch: {query.get('redirect_uri')}"
        code = secrets.token_hex(8)
        self.codes[code] = Issued(
            MEMBERS[person.lower()], provider, query.get("scope", ""), query["redirect_uri"]
        )
        back = {"code": code, **({"state": query["state"]} if "state" in query else {})}
        return 302, f"{query['redirect_uri']}?{urllib.parse.urlencode(back)}"

    def exchange(self, provider: str, form: dict[str, str]) -> tuple[int, Any]:
        """Exchange a code for a token."""
        secret = form.get("client_id"), form.get("client_secret")
        if secret != (answers.CLIENT_ID, answers.CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        issued = self.codes.pop(form.get("code", ""), None)
        if issued is None or issued.provider != provider:
            return 400, {"error": "invalid_grant"}
        if form.get("redirect_uri") != issued.callback:
            return 400, {"error": "invalid_grant", "error_description": "redirect_uri"}
        token = secrets.token_hex(16)
        self.tokens[token] = issued
        more = answers.TOKENS.get(provider, lambda *_: {})(issued.member, token)
        tokens = {"access_token": token, "token_type": "Bearer", "scope": issued.scope}
        return 200, {**tokens, "expires_in": 3600, **more}

    def answer(self, address: str, authorization: str) -> tuple[int, Any]:
        """Answer an API request with a token."""
        issued = self.tokens.get(authorization.partition(" ")[2])
        if issued is None:
            return 401, {"message": "Bad credentials"}
        for pattern, answer in answers.ANSWERS.items():
            if match := re.fullmatch(pattern, address):
                body = answer(issued.member, *(part for part in match.groups() if part))
                if isinstance(body, answers.Status):
                    return body, None
                return (404, {"message": "Not Found"}) if body is None else (200, body)
        return 404, {"message": f"the stand-in does not know {address}"}


class Handler(http.server.BaseHTTPRequestHandler):
    """HTTP for `Providers`."""

    providers: Providers

    def do_GET(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        address = f"{self.headers['Host'].partition(':')[0]}{url.path}"
        if provider := answers.AUTHORIZE.get(address):
            query = dict(urllib.parse.parse_qsl(url.query))
            status, text = self.providers.authorize(provider, query, self.headers["X-Person"])
            headers = {"Location": text} if status == 302 else {}
            self._send(status, text.encode(), "text/plain", headers)
        elif address in answers.LOGGED_OUT:
            self._send(200, b"logged out at the provider", "text/plain")
        else:
            address += f"?{url.query}" if url.query else ""
            self._json(*self.providers.answer(address, self.headers.get("Authorization", "")))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        provider = answers.TOKEN.get(f"{self.headers['Host'].partition(':')[0]}{self.path}")
        form = dict(urllib.parse.parse_qsl(body))
        self._json(*(self.providers.exchange(provider, form) if provider else (404, None)))

    def _json(self, status: int, body: Any) -> None:
        self._send(status, b"" if body is None else json.dumps(body).encode(), "application/json")

    def _send(
        self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serve(internet: Internet) -> Iterator[Providers]:
    """Serve the sites of all providers on their names in the `with` block."""
    providers = Providers()
    handler = type("OfProviders", (Handler,), {"providers": providers})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.socket = internet.server_context().wrap_socket(server.socket, server_side=True)
    internet.route(answers.HOSTS, server.server_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield providers
    server.shutdown()
    thread.join()
    server.server_close()
