"""The embedded API gives the same answers as a real one."""

from __future__ import annotations

import asyncio
import difflib
import json
import uuid

import aiohttp
import pytest

from .client import Api, compared
from .deviations import DEVIATIONS
from .questions import QUESTIONS

ETCD_TOO_OLD = "storage feature RequestWatchProgress is disabled"


async def ask(name: str, session: aiohttp.ClientSession, url: str) -> Api:
    """Ask one API one question, in a namespace of the question."""
    ns = f"q-{uuid.uuid4().hex[:12]}"
    api = Api(session, url, ns)
    await api.post("/api/v1/namespaces", {"metadata": {"name": ns}})
    api.answers.clear()
    await QUESTIONS[name](api)
    assert api.answers, "a question without an answer"
    return api


@pytest.mark.parametrize("name", sorted(QUESTIONS))
async def test_both_servers_give_the_same_answer(
    name: str, session: aiohttp.ClientSession, real_url: str, embedded_url: str
) -> None:
    apis = await asyncio.gather(ask(name, session, real_url), ask(name, session, embedded_url))
    if any(ETCD_TOO_OLD in json.dumps(answer.body) for answer in apis[0].answers):
        pytest.skip("the etcd under the real server cannot report its progress: no initial events")
    real, embedded = (compared(api.answers, api.ns) for api in apis)
    if name in DEVIATIONS:
        assert embedded != real, f"no deviation any more, take it off the list: {DEVIATIONS[name]}"
        return
    shown = [
        json.dumps(answer, indent=1, sort_keys=True).splitlines() for answer in (real, embedded)
    ]
    differences = list(difflib.unified_diff(*shown, "real", "embedded", lineterm="", n=6))
    assert not differences, "\n".join(differences)


def test_every_deviation_names_a_question() -> None:
    assert set(DEVIATIONS) <= set(QUESTIONS)
