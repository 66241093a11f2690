"""Find the line of a triple-quoted string that lacks a quote.

Python reports such a string where the next one, or the file, ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..config.errors import Problem
from .code import Piece

MESSAGE = "the triple-quoted string that begins or ends here lacks a quote"
# two quotes at the end of a line, of which the third is missing
_TWO_QUOTES = re.compile(r"(?<!['\"])(''|\"\")\s*$")


def refine(problem: Problem, pieces: list[Piece]) -> Problem:
    """Return `problem` at the line that lacks a quote, if it is a syntax error of that kind."""
    piece = next((piece for piece in pieces if piece.key == problem.key), None)
    line = incomplete_line(piece.text) if piece else None
    if piece is None or line is None:
        return problem
    return replace(
        problem,
        message=f"syntax error in line {line}: {MESSAGE}",
        given=piece.text.splitlines()[line - 1].strip(),
        hint="write three quotes",
        origin=piece.origin(line),
    )


def incomplete_line(text: str) -> int | None:
    """Return the number of the line that compiles with one more quote; None if there is none."""
    lines = text.splitlines()
    repaired = [
        (_distance(lines, at, quotes), at + 1)
        for at, quotes in _candidates(lines)
        if _compiles([*lines[:at], lines[at].rstrip() + quotes[0], *lines[at + 1 :]])
    ]
    return min(repaired)[1] if repaired else None


def _candidates(lines: list[str]) -> Iterator[tuple[int, str]]:
    for index, line in enumerate(lines):
        if match := _TWO_QUOTES.search(line):
            yield index, match[1]


def _distance(lines: list[str], at: int, quotes: str) -> int:
    """Return how many lines away the other end of the string is, at least."""
    triple = quotes + quotes[0]
    return min((abs(at - n) for n, line in enumerate(lines) if triple in line), default=len(lines))


def _compiles(lines: list[str]) -> bool:
    try:
        compile("\n".join(lines) + "\n", "<snippet>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True
