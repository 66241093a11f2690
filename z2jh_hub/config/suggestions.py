"""Suggest the known word that a misspelled one was probably meant to be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

# the least similarity, by difflib, of a word and its suggestion: one wrong letter in three
SIMILAR = 0.66


def closest(word: str, known: Iterable[str], similarity: float = SIMILAR) -> str:
    """Return the word of `known` that is most like `word`; empty if none is similar.

    Case, `_` and `-` do not count, so that `image_spec` is like `imageSpec`.
    """
    spellings: dict[str, list[str]] = {}
    for name in known:
        spellings.setdefault(letters(name), []).append(name)
    close = get_close_matches(letters(word), spellings, n=1, cutoff=similarity)
    return get_close_matches(word, spellings[close[0]], n=1, cutoff=0)[0] if close else ""


def did_you_mean(word: str, known: Iterable[str], above: Iterable[str] = ()) -> str:
    """Return a hint that names the closest known word, as a key below `above`; or nothing."""
    return hint(closest(word, known), above)


def hint(name: str, above: Iterable[str] = ()) -> str:
    """Return a hint that suggests `name` as a key below `above`; nothing if `name` is empty."""
    return f"did you mean {'.'.join((*above, name))}?" if name else ""


def is_typo(word: str, other: str) -> bool:
    """Return whether one letter was added, left out, replaced or moved in `word`."""
    blocks = SequenceMatcher(None, word, other, autojunk=False).get_matching_blocks()
    unmatched = len(word) + len(other) - 2 * sum(block.size for block in blocks)
    return 0 < unmatched <= 2 and abs(len(word) - len(other)) <= 1


def letters(word: str) -> str:
    """Return `word` in lower case without `_` and `-`."""
    return re.sub(r"[_-]", "", word).lower()
