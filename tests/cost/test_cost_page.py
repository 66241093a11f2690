"""The page of `z2jh cost --open`: only for this machine, with the command's own computation."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from cost.plans import hours, plan
from tornado.httpclient import AsyncHTTPClient, HTTPResponse

from z2jh_hub.cost import formats, page
from z2jh_hub.cost.estimate import estimate
from z2jh_hub.cost.patterns import Pattern
from z2jh_hub.cost.running import Culling
from z2jh_hub.cost.savings import savings

PLAN = replace(
    plan(20, culling=Culling(3600)), pattern=Pattern("</script><b>", hours(h10=1), turnover=0.25)
)
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with page.running(PLAN) as url:
        yield url


async def get(url: str, **headers: str) -> HTTPResponse:
    return await AsyncHTTPClient().fetch(url, headers=headers, raise_error=False)


async def post(url: str, body: Any, **headers: str) -> HTTPResponse:
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return await AsyncHTTPClient().fetch(
        f"{url}cost", method="POST", body=text, headers=JSON | headers, raise_error=False
    )


def request(**changes: Any) -> dict[str, Any]:
    return page.initial(PLAN)["settings"] | changes


async def test_page_is_complete_and_loads_nothing(url: str) -> None:
    response = await get(url)
    text = response.body.decode()
    assert response.code == 200
    assert not re.search(r"(?:src|href)=\"(?!data:)", text)
    assert not re.search(r"https?://|@import|url\(", text)
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'nonce-")
    nonce = re.search(r"'nonce-([\w-]+)'", policy)[1]
    assert text.count(f'nonce="{nonce}"') == text.count("<script") + text.count("<style")
    assert "{{" not in text
    assert nonce not in (await get(url)).body.decode()


async def test_data_cannot_end_its_script_element(url: str) -> None:
    text = (await get(url)).body.decode()
    assert "<b>" not in text
    data = re.search(r'id="data"[^>]*>(.*?)</script>', text, re.S)[1]
    assert json.loads(data)["pattern"] == "</script><b>"


async def test_answer_is_that_of_the_command(url: str) -> None:
    drawn = await post(url, request(users=30, timeout=1800, spot=True, node="large"))
    changed = replace(
        PLAN, users=30, spot=True, node="large",
        pattern=Pattern("as drawn", hours(h10=1), turnover=0.25),
        deployment=replace(PLAN.deployment, culling=replace(PLAN.deployment.culling, timeout=1800)),
    )  # fmt: skip
    expected = formats.as_data(changed, estimate(changed), savings(changed))
    assert json.loads(drawn.body) == json.loads(json.dumps(expected))


async def test_unchanged_pattern_stays_that_of_the_command(url: str) -> None:
    same = json.loads((await post(url, request(unchanged=True))).body)
    assert same["pattern"] == "</script><b>"
    never = json.loads((await post(url, request(timeout=None))).body)
    assert never["month"]["total"] > same["month"]["total"]


@pytest.mark.parametrize(
    "host", ["example.org", "127.0.0.1", "127.0.0.1:1", "localhost.example.org", ""]
)
async def test_other_hosts_are_refused(url: str, host: str) -> None:
    assert (await get(url, Host=host)).code in (400, 403)
    assert (await post(url, request(), Host=host)).code in (400, 403)


async def test_localhost_is_the_same_host(url: str) -> None:
    assert (await get(url, Host=url.split("/")[2].replace("127.0.0.1", "localhost"))).code == 200


@pytest.mark.parametrize("origin", ["http://example.org", "null", "https://127.0.0.1"])
async def test_pages_of_other_sites_are_refused(url: str, origin: str) -> None:
    assert (await post(url, request(), Origin=origin)).code == 403
    assert (await post(url, request(), Origin=url.rstrip("/"))).code == 200
    form = {"Content-Type": "text/plain"}
    assert (await post(url, request(), **form)).code == 415


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "[]", "null", "[" * 10_000, b"\xff",
        *(request(users=users) for users in (0, -1, 1e9, None, "20", True)),
        *(request(hours=shares) for shares in ([], [0.5] * 169, [2] * 168, ["a"] * 168, None)),
        json.dumps(request()).replace("1.0", "NaN", 1),
        *(request(timeout=timeout) for timeout in (-1, 1e9, "60")),
        *(request(node=node) for node in (None, "huge", 3)),
        *(request(placeholders=number) for number in (-1, 1e9, None)),
    ],
)  # fmt: skip
async def test_invalid_request_is_refused_with_a_reason(url: str, body: Any) -> None:
    response = await post(url, body)
    assert response.code == 400, response.body
    assert json.loads(response.body)["error"]


async def test_large_request_is_refused(url: str) -> None:
    assert (await post(url, "x" * (page.MOST_BYTES + 1))).code in (400, 413, 599)
    assert (await get(url)).code == 200


async def test_nothing_else_is_served(url: str) -> None:
    for path in ("page.html", "../cost/page.py", "cost", "%2e%2e/"):
        assert (await get(url + path)).code in (403, 404, 405)


def test_only_this_machine_is_served() -> None:
    assert page.ADDRESS == "127.0.0.1"
