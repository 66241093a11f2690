"""Report a hub without the permissions to start servers."""

from __future__ import annotations

from collections.abc import Iterator

from ...config.errors import Problem
from ...config.values import Values


def findings(values: Values) -> Iterator[Problem]:
    """Yield a warning for `rbac.create: false` without a service account that may have them."""
    if values.get("rbac.create") is not False or values.get("hub.serviceAccount.name"):
        return
    account = "hub" if values.get("hub.serviceAccount.create") else "default"
    yield values.problem(
        "rbac.create",
        f"the hub's service account {account} gets no permissions, so no server can start",
        expected="true, or a service account with permissions in hub.serviceAccount.name",
        hint="the Role hub, which rbac.create: true renders, lists the permissions",
        severity="warning",
        rule="no-permissions",
    )
