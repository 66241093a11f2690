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
PROTOCOL = f"{ISSUER}/protocol/openid-connect"
PROGRAM = Path(__file__).with_name("openid_provider.mjs")


SECRET = "a-secret-of-the-client"
#: name → claims
PEOPLE: dict[str, dict[str, Any]] = {
    "ana": {"email": "ana@example.edu", "groups": []},
    "ben": {"email": "ben@example.edu", "groups": ["hub-admins"]},
    "cleo": {"email": "cleo@example.edu", "groups": ["staff"]},
    "dora": {"email": "dora@example.edu", "groups": ["students"]},
    "ivy": {"email": "ivy@example.edu", "groups": ["staff"]},
}
#: traits of `GenericOAuthenticator`, with a rule of each kind
TRAITS: dict[str, Any] = {
    "client_id": "hub",
    "client_secret": SECRET,
    "oauth_callback_url": CALLBACK,
    "authorize_url": f"{PROTOCOL}/auth",
    "token_url": f"{PROTOCOL}/token",
    "userdata_url": f"{PROTOCOL}/userinfo",
    "logout_redirect_url": f"{PROTOCOL}/logout",
    "login_service": "Example University",
    "username_claim": "preferred_username",
    "scope": ["openid", "profile", "email", "groups"],
    "manage_groups": True,
    "auth_state_groups_key": "oauth_user.groups",
    "allowed_groups": ["staff"],
    "admin_groups": ["hub-admins"],
    "allowed_users": ["ana"],
}


def generic(**traits: Any) -> dict[str, Any]:
    """Return values for a login with TRAITS and `traits`, which keep the auth state."""
    config = {
        "JupyterHub": {"authenticator_class": "generic-oauth"},
        "GenericOAuthenticator": {**TRAITS, **traits},
        "Authenticator": {"enable_auth_state": True, "auth_refresh_age": 1},
    }
    return {"hub": {"config": config}}


def _client(name: str, *grants: str) -> dict[str, Any]:
    return {
        "client_id": name,
        "client_secret": SECRET,
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "client_secret_post",
        "grant_types": ["authorization_code", *grants],
    }


#: what each of them is for: see openid_provider.mjs
CLIENTS = [
    _client("hub", "refresh_token"),
    _client("brief", "refresh_token"),
    _client("brief-once"),
    _client("careful", "refresh_token"),
]


class OpenIdProvider:
    """The provider, which runs in the `with` block; `people` maps names to claims."""

    def __init__(self, folder: Path, internet: Internet):
        self._people, self._settings = folder / "people.json", folder / "settings.json"
        self.log, self._internet = folder / "provider.log", internet
        library = npm.install("oidc-provider", VERSION) / "lib" / "index.js"
        settings = {
            "library": str(library), "issuer": ISSUER, "people": str(self._people),
            "key": str(internet.key), "certificate": str(internet.certificate), "clients": CLIENTS,
        }  # fmt: skip
        self._settings.write_text(json.dumps(settings))
        self.set_groups()

    def set_groups(self, **groups: list[str]) -> None:
        """Change the groups of people; the others have those of PEOPLE."""
        people = {
            name: {**claims, "groups": groups.get(name, claims["groups"])}
            for name, claims in PEOPLE.items()
        }
        new = self._people.with_suffix(".new")
        new.write_text(json.dumps(people))
        new.replace(self._people)

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
