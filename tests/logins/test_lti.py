"""Ten people open the hub from a learning platform, as `z2jh check --user` says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from support.fixtures import run_hub
from support.hubs import Hub
from support.logins import lti
from support.logins.browser import Browser
from support.logins.internet import Internet
from support.logins.members import MEMBERS

from z2jh_hub.check import files, login

pytest.importorskip("ltiauthenticator")
pytestmark = [pytest.mark.processes, pytest.mark.slow]

FILE = Path(__file__).parents[2] / "examples" / "auth" / "lti13.yaml"
Start = Callable[..., AbstractContextManager[Hub]]


@pytest.fixture(scope="module")
def platform(internet: Internet) -> Iterator[lti.Platform]:
    with lti.run() as (platform, port):
        internet.plain["moodle.example.edu"] = port
        yield platform


@pytest.fixture(scope="module")
def hub(
    platform: lti.Platform, internet: Internet, tmp_path_factory: pytest.TempPathFactory,
    proxy_api: int, kubernetes: str,
) -> Iterator[Hub]:  # fmt: skip
    """Run a hub that gets the platform's keys; the browser finds the platform at its name."""
    root = tmp_path_factory.mktemp("hub")
    (root / "mounts" / "jupyterhub_config.d").mkdir(parents=True)
    keys = f"http://127.0.0.1:{internet.plain['moodle.example.edu']}/mod/lti/certs.php"
    (root / "mounts" / "jupyterhub_config.d" / "platform.py").write_text(
        f'c.LTI13Authenticator.jwks_endpoint = "{keys}"\n'
    )
    with run_hub(root, proxy_api, files.read([FILE], ()).given, KUBECONFIG=kubernetes) as hub:
        yield hub


def test_check_user_says_who_logs_in(hub: Hub, internet: Internet, platform: lti.Platform) -> None:
    platform.changes = {}
    actual = {}
    for person in MEMBERS:
        page = lti.launch(Browser.of(hub, internet), person)
        assert page.status == (200 if page.user else 403), page.text
        admin = bool(page.user) and hub.api(f"users/{page.user}")[1]["admin"]
        actual[person] = page.user, admin
    answers = login.ask_each([FILE], (), [(member.email, []) for member in MEMBERS.values()])
    expected = {
        person: (answer["name"], answer["admin"]) if answer["allowed"] else ("", False)
        for person, answer in zip(MEMBERS, answers, strict=True)
    }
    assert actual == expected, answers


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"iss": "https://moodle.example.com"}, "Invalid issuer"),
        ({"aud": "another-tool"}, "Audience doesn't match"),
        ({"nonce": "of-another-launch"}, "nonce mismatch"),
        ({"exp": 1}, "Signature has expired"),
    ],
)
def test_a_wrong_launch_is_refused(
    hub: Hub, internet: Internet, platform: lti.Platform, changes: dict[str, Any], cause: str
) -> None:
    platform.changes = changes
    page = lti.launch(Browser.of(hub, internet), "ana")
    assert (page.status in (400, 401), page.user) == (True, "")
    assert "You could not be logged in" in page.text
    assert cause in hub.log.read_text()


def test_a_launch_signed_by_another_is_refused(
    hub: Hub, internet: Internet, platform: lti.Platform
) -> None:
    platform.changes, platform.signed_with = {}, rsa.generate_private_key(65537, 2048)
    try:
        page = lti.launch(Browser.of(hub, internet), "ana")
    finally:
        platform.signed_with = None
    assert (page.status, page.user) == (400, "")
    assert "Signature verification failed" in hub.log.read_text()
