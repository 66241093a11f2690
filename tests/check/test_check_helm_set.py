"""`--set`, as Helm's own tests of it have it."""

from __future__ import annotations

import pytest

from z2jh_hub.check.helm_set import SetError, apply


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=b", {"a": "b"}),
        ("a.b=c", {"a": {"b": "c"}}),
        ("a=1,b=true", {"a": 1, "b": True}),
        ("a=null", {"a": None}),
        ("a=", {"a": ""}),
        ("a=01", {"a": "01"}),
        ("a=b\\,c", {"a": "b,c"}),
        ("a\\.b=c", {"a.b": "c"}),
        ("a={b,c}", {"a": ["b", "c"]}),
        ("a={}", {"a": []}),
        ("a[0].b=c", {"a": [{"b": "c"}]}),
        ("a[1]=c", {"a": [None, "c"]}),
        ("a=b=c", {"a": "b=c"}),
    ],
)
def test_one_assignment(text, expected):
    assert apply({}, [text]) == expected


def test_what_is_there_stays_and_the_input_too():
    base = {"a": {"b": 1, "c": [{"d": 1}]}}
    assert apply(base, ["a.c[0].e=2"]) == {"a": {"b": 1, "c": [{"d": 1, "e": 2}]}}
    assert base == {"a": {"b": 1, "c": [{"d": 1}]}}


@pytest.mark.parametrize("text", ["a", "=b", "a..b=c", "a[x]=c", "a[99999]=c"])
def test_what_is_none(text):
    with pytest.raises(SetError):
        apply({}, [text])
