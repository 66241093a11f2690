"""A hub without the permissions that it needs to start servers."""

from __future__ import annotations

from collections.abc import Iterator

from ...config.errors import Problem
from ...config.values import Values


def findings(values: Values) -> Iterator[Problem]:
    """`rbac.create: false` without a service account that may have permissions."""
    if values.get("rbac.create") is not False or values.get("hub.serviceAccount.name"):
        return
    account = "hub" if values.get("hub.serviceAccount.create") else "default"
    yield values.problem(
        "rbac.create",
        f"gives the hub's service account, {account}, no permissions, so no server can start",
        expected="true, or a service account with the permissions in hub.serviceAccount.name",
        hint="the permissions are those of the Role hub, which rbac.create: true renders",
        severity="warning",
        rule="no-permissions",
    )
