"""Old keys about pulling images."""

from __future__ import annotations

from ..errors import MISSING
from .rewriting import Rewriting

REGISTRY = ("registry", "username", "password", "email")


def rewrite(r: Rewriting) -> None:
    """Read `hub.imagePullSecret` and `singleuser.imagePullSecret`: there is one Secret today."""
    for part in ("hub", "singleuser"):
        _pull_secret(r, f"{part}.imagePullSecret")


def _pull_secret(r: Rewriting, old: str) -> None:
    login = r.take(old)
    if login is MISSING:
        return
    if not isinstance(login, dict):
        expected = "a mapping such as {enabled: true, registry: quay.io, username: …}"
        r.say(old, "not a mapping", severity="error", given=login, expected=expected)
        return
    r.renamed(old, "imagePullSecret", "imagePullSecret.create")
    if not login.get("enabled"):
        return
    r.put("imagePullSecret.create", True, f"{old}.enabled")
    for key in REGISTRY:
        value = login.get(key)
        if value is None:
            continue
        put_before = r.get(f"imagePullSecret.{key}")
        if put_before not in (MISSING, None, value):
            r.say(
                f"{old}.{key}",
                "differs from another registry login; the chart makes one Secret for all images",
                severity="error",
                given=value,
                expected="one login",
                hint="create a Secret for each login and name them in imagePullSecrets",
            )
        else:
            r.put(f"imagePullSecret.{key}", value, f"{old}.{key}")
