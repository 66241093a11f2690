"""The embedded API answers as a real one does."""

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
    """One API, asked one question in a namespace of its own."""
    ns = f"q-{uuid.uuid4().hex[:12]}"
    api = Api(session, url, ns)
    await api.post("/api/v1/namespaces", {"metadata": {"name": ns}})
    api.said.clear()
    await QUESTIONS[name](api)
    assert api.said, "a question without an answer"
    return api


@pytest.mark.parametrize("name", sorted(QUESTIONS))
async def test_same_answer(
    name: str, session: aiohttp.ClientSession, real_url: str, embedded_url: str
) -> None:
    asked = await asyncio.gather(ask(name, session, real_url), ask(name, session, embedded_url))
    if any(ETCD_TOO_OLD in json.dumps(answer.body) for answer in asked[0].said):
        pytest.skip("the etcd under the real server cannot report its progress: no initial events")
    real, embedded = (compared(api.said, api.ns) for api in asked)
    if name in DEVIATIONS:
        assert embedded != real, f"no deviation any more, take it off the list: {DEVIATIONS[name]}"
        return
    shown = [json.dumps(said, indent=1, sort_keys=True).splitlines() for said in (real, embedded)]
    differences = list(difflib.unified_diff(*shown, "real", "embedded", lineterm="", n=6))
    assert not differences, "\n".join(differences)


def test_deviations_are_of_questions() -> None:
    assert set(DEVIATIONS) <= set(QUESTIONS)
