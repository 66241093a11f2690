"""200 users who start simulated servers at the same time."""

from __future__ import annotations

import json
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from support.dev import until

USERS = [f"user-{number}" for number in range(200)]
TOKEN = "0123456789abcdef" * 4
SERVICE = {
    "hub": {
        "concurrentSpawnLimit": 0,
        "services": {"crowd": {"apiToken": TOKEN}},
        "loadRoles": {
            "crowd": {"services": ["crowd"], "scopes": ["admin:users", "admin:servers"]},
        },
    },
}


def test_200_users_at_once(run_dev):
    dev = run_dev(SERVICE, "--fake", "0.5").ready()
    assert TOKEN not in dev.printed()

    def ask(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        request = urllib.request.Request(
            f"{dev.url}hub/api/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {TOKEN}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read() or b"null")

    assert ask("POST", "users", {"usernames": USERS})[0] == 201
    with ThreadPoolExecutor(20) as pool:
        codes = list(pool.map(lambda name: ask("POST", f"users/{name}/server")[0], USERS))
    assert set(codes) <= {201, 202}

    def ready() -> bool:
        users = ask("GET", "users?state=ready&limit=200")[1]
        return len(users) == len(USERS)

    until(ready, "200 ready servers", 100)
    pods = dev.ps()["pods"]
    assert {pod["user"] for pod in pods} == set(USERS)
    assert {pod["status"] for pod in pods} == {"Running"}
