"""Compare two sets of values, and replace parts of one by those of the other."""

from __future__ import annotations

from typing import Any

import pytest

from z2jh_hub.config.values import Values


@pytest.mark.parametrize(
    ("one", "other", "differing"),
    [
        ({"cull": {"every": 1}}, {"cull": {"every": 2}}, [("cull", "every")]),
        ({"cull": {"every": 1}}, {}, [("cull", "every")]),
        ({}, {"cull": {"every": 1}}, [("cull", "every")]),
        ({"a": [1]}, {"a": [1, 2]}, [("a",)]),
        ({"a": None}, {"a": {"b": 1}}, [("a",)]),
        ({"a": {}}, {}, []),
        ({"hub": {"cookieSecret": "x"}}, {"hub": {"cookieSecret": "x"}}, []),
    ],
)
def test_where_they_differ(one: Any, other: Any, differing: Any) -> None:
    assert list(Values(one).differing(Values(other))) == differing


@pytest.mark.parametrize("path", [("a", "b"), ("a", "new", "deep"), ("a", "gone"), ("list",)])
def test_one_with_a_part_of_the_other(path: tuple[str, ...]) -> None:
    one = Values({"a": {"b": 1, "gone": 2}, "list": [1]})
    other = Values({"a": {"b": 9, "new": {"deep": [3]}}, "list": [2]})
    made = one.replaced([path], other)
    assert made.get(path) == other.get(path)
    assert path not in made.differing(other)
    assert [p for p in one.differing(other) if p != path] == list(made.differing(other))
    assert one.get("a") == {"b": 1, "gone": 2}
