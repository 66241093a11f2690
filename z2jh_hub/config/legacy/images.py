"""The deprecated keys `hub.imagePullSecret` and `singleuser.imagePullSecret`."""

from __future__ import annotations

from ..errors import MISSING
from .rewriting import Rewriting

REGISTRY = ("registry", "username", "password", "email")


def rewrite(r: Rewriting) -> None:
    """Move both registry logins to `imagePullSecret`."""
    for part in ("hub", "singleuser"):
        _pull_secret(r, f"{part}.imagePullSecret")


def _pull_secret(r: Rewriting, old: str) -> None:
    login = r.take(old)
    if login is MISSING:
        return
    if not isinstance(login, dict):
        expected = "a mapping such as {enabled: true, registry: quay.io, username: …}"
        r.report(old, "not a mapping", severity="error", given=login, expected=expected)
        return
    r.deprecated(old, "imagePullSecret")
    if not login.get("enabled"):
        return
    r.put("imagePullSecret.create", True, f"{old}.enabled")
    for key in REGISTRY:
        value = login.get(key)
        if value is None:
            continue
        present = r.get(f"imagePullSecret.{key}")
        if present not in (MISSING, None, value):
            r.report(
                f"{old}.{key}",
                "differs from another registry login; the chart creates one Secret for all images",
                severity="error",
                given=value,
                expected="one login",
                hint="create a Secret for each login and name them in imagePullSecrets",
            )
        else:
            r.put(f"imagePullSecret.{key}", value, f"{old}.{key}")
