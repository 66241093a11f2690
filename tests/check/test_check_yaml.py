"""Files that are not YAML: the line, and a cause in words."""

from __future__ import annotations

import pytest

from z2jh_hub.check.files import CannotRead, load, parse

CASES = {
    "tab": ("hub:\n\tbaseUrl: /\n", 2, "a tab"),
    "tab after spaces": ("hub:\n  a: 1\n  \tbaseUrl: /\n", 3, "a tab"),
    "curly quotes in a list": ("hub: [“a, b”: c: d]\n", 1, "typographic quotes"),
    "colon in text": ("a: 1\nhub: see: this: that\n", 2, "contains a colon"),
    "no colon": ("hub:\n  baseUrl /\n  a: 1\n", 2, "has no colon"),
    "one column off": ("hub:\n  a: 1\n b: 2\n", 3, "not aligned with the other keys"),
    "open quote": ('hub:\n  a: "b\n  c: d\n', 2, "quote is not closed"),
    "bracket open to the end": ("hub: [\n", 1, "bracket is not closed"),
    "too deep": ("a:\n  b: 1\n   c: 2\n", 3, "a key is not allowed here"),
    "open bracket": ("hub:\n  a: [1, 2\n  b: 3\n", 2, "bracket is not closed"),
    "after a quote": ('a: "b" c\n', 1, "after its closing quote"),
    "at sign": ("a: @b\n", 1, "cannot begin with @"),
    "star": ("hosts:\n  - *.example.org\n", 2, "cannot begin with *"),
    "percent": ("a: %b\n", 1, "cannot begin with %"),
    "template": ("a: {{ .Values.b }}\n", 1, "template expressions"),
    "no such anchor": ("a: *b\n", 1, "the alias"),
    "tag": ("a: !vault b\n", 1, "this tag"),
    "conflict": ("a: 1\n<<<<<<< HEAD\nb: 2\n=======\n", 2, "git conflict"),
    "two documents": ("a: 1\n---\nb: 2\n", 2, "more than one document"),
    "value that its tag does not fit": ("a: !!int x\n", 1, "does not match its tag"),
    "itself": ("a: &a [*a]\n", 1, "an alias refers to a value that contains it"),
    "control character": ("a: 1\nb: \x01\n", 2, "control characters"),
}


@pytest.mark.parametrize(("text", "line", "cause"), CASES.values(), ids=CASES)
def test_the_cause_is_named_at_its_line(text, line, cause):
    (problem,) = parse(text, "config.yaml").problems
    assert problem.rule == "yaml"
    assert cause in problem.message
    assert problem.origin
    assert (problem.origin.file, problem.origin.line) == ("config.yaml", line)


def test_aliases_of_aliases_end():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    (problem,) = parse("\n".join(lines), "config.yaml").problems
    assert "expand to more than" in problem.message


def test_a_file_in_utf_16_is_named_as_one(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_bytes("hub: {}".encode("utf-16"))
    (problem,) = load(file).problems
    assert problem.given == "UTF-16"


def test_missing_file_is_reported(tmp_path):
    with pytest.raises(CannotRead, match=r"missing\.yaml cannot be read: No such file"):
        load(tmp_path / "missing.yaml")


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", "a", 3),
        ("a:\n  - b: 1\n    c: 2\n    b: 3\n", "a.0.b", 4),
        ("a: {b: 1,\n  b: 2}\n", "a.b", 2),
    ],
)
def test_a_key_given_twice_is_found_at_its_second_place(text, key, line):
    (problem,) = parse(text, "config.yaml").problems
    assert (problem.rule, problem.key, problem.origin.line) == ("duplicate-key", key, line)


def test_a_file_with_a_byte_order_mark_is_read():
    document = parse("\ufeffhub:\n  baseUrl: /\n", "config.yaml")
    assert document.problems == []
    assert document.source.data == {"hub": {"baseUrl": "/"}}
