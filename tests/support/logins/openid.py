"""A real OpenID provider (npm's oidc-provider), with Keycloak's addresses."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from .. import npm
from ..hubs import wait_until
from .internet import Internet
from .providers import CALLBACK

VERSION = "9.13.3"
HOST = "kc.example.org"
ISSUER = f"https://{HOST}/auth/realms/r"
PROGRAM = Path(__file__).with_name("openid_provider.mjs")


def client(name: str, secret: str, **more: Any) -> dict[str, Any]:
    """Return the registration of a client."""
    return {
        "client_id": name,
        "client_secret": secret,
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "client_secret_post",
        "grant_types": ["authorization_code", "refresh_token"],
        **more,
    }


class OpenIdProvider:
    """The provider, which runs in the `with` block; `people` maps names to claims."""

    def __init__(self, folder: Path, internet: Internet, clients: list[dict[str, Any]]):
        self._people, self._settings = folder / "people.json", folder / "settings.json"
        self.log, self._internet = folder / "provider.log", internet
        library = npm.install("oidc-provider", VERSION) / "lib" / "index.js"
        settings = {
            "library": str(library), "issuer": ISSUER, "people": str(self._people),
            "key": str(internet.key), "certificate": str(internet.certificate), "clients": clients,
        }  # fmt: skip
        self._settings.write_text(json.dumps(settings))

    def tell(self, people: dict[str, dict[str, Any]]) -> None:
        """Replace the people and their claims."""
        self._people.write_text(json.dumps(people))

    def __enter__(self) -> OpenIdProvider:
        command = [str(npm.node()), str(PROGRAM), str(self._settings)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(lambda: self._port() > 0, self.process, self.log)
        self._internet.route([HOST], self._port())
        return self

    def _port(self) -> int:
        match = re.search(r"^port (\d+)$", self.log.read_text(), re.MULTILINE)
        return int(match[1]) if match else 0

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)
