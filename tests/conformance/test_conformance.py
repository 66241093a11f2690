"""The embedded API answers as a real one does."""

from __future__ import annotations

import asyncio
import json
import uuid

import aiohttp
import pytest

from .client import Api, compared
from .deviations import DEVIATIONS
from .questions import QUESTIONS


async def ask(name: str, session: aiohttp.ClientSession, url: str) -> list[object]:
    """All answers of one API to one question, in a namespace of its own."""
    ns = f"q-{uuid.uuid4().hex[:12]}"
    api = Api(session, url, ns)
    await api.post("/api/v1/namespaces", {"metadata": {"name": ns}})
    api.said.clear()
    await QUESTIONS[name](api)
    assert api.said, "a question without an answer"
    return compared(api.said, ns)


@pytest.mark.parametrize("name", sorted(QUESTIONS))
async def test_same_answer(
    name: str, session: aiohttp.ClientSession, real_url: str, embedded_url: str
) -> None:
    real, embedded = await asyncio.gather(
        ask(name, session, real_url), ask(name, session, embedded_url)
    )
    if name in DEVIATIONS:
        assert embedded != real, f"no deviation any more, take it off the list: {DEVIATIONS[name]}"
        return
    shown = [json.dumps(said, indent=1, sort_keys=True).splitlines() for said in (embedded, real)]
    assert shown[0] == shown[1]


def test_deviations_are_of_questions() -> None:
    assert set(DEVIATIONS) <= set(QUESTIONS)
