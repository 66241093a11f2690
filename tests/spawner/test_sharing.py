"""Many who ask at about the same time have one answer."""

from __future__ import annotations

import asyncio

import pytest

from z2jh_hub.spawner.shared_call import Coalesced, SharedCall


class Question:
    """Counts how often it is asked."""

    times = 0
    error: Exception | None = None

    async def __call__(self) -> int:
        self.times += 1
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        return self.times


async def test_it_is_asked_once_for_all() -> None:
    question, shared = Question(), SharedCall[int](60)
    assert await asyncio.gather(*(shared.get(question) for _ in range(50))) == [1] * 50
    assert await shared.get(question) == 1


async def test_it_is_asked_again_when_the_answer_is_old() -> None:
    question, shared = Question(), SharedCall[int](0)
    assert [await shared.get(question), await shared.get(question)] == [1, 2]


async def test_an_error_is_an_answer_too() -> None:
    question, shared = Question(), SharedCall[int](60)
    question.error = TimeoutError("no answer")
    for _ in range(2):
        with pytest.raises(TimeoutError, match="no answer"):
            await shared.get(question)
    assert question.times == 1


async def test_who_asked_first_may_go() -> None:
    question, shared = Question(), SharedCall[int](60)
    first = asyncio.create_task(shared.get(question))
    await asyncio.sleep(0)
    first.cancel()
    assert await shared.get(question) == 1


async def test_no_answer_is_older_than_its_question() -> None:
    question, coalesced = Question(), Coalesced[int]()
    first = asyncio.create_task(coalesced.get(question))
    await asyncio.sleep(0)
    later = [asyncio.create_task(coalesced.get(question)) for _ in range(50)]
    assert await asyncio.gather(first, *later) == [1, *[2] * 50]
    assert await coalesced.get(question) == 3
