"""Mask secrets in text: in URLs, connection strings, headers, private keys and assignments."""

from __future__ import annotations

import re
import unicodedata

from .names import is_secret_name

HIDDEN = "(hidden)"

_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
# a password may contain @ and /; a port is followed by a path
_URL = re.compile(r"(?P<start>[\w+.-]+://[^\s:/@'\"]*:)(?!\d{1,5}/[^\s@]*/)[^\s'\"]+(?=@)")
_URL_TOKEN = re.compile(r"(?P<start>\w://)[^\s:/@'\"{}]{16,}(?=@)")
_TOKENS = re.compile(
    r"\b(gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}|AKIA[A-Z0-9]{16}"
    r"|AIza[\w-]{30,}|sk-[\w-]{20,}|hvs\.[\w-]{20,}|npm_\w{30,}|dckr_pat_[\w-]{20,}|hf_\w{30,}"
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)"
)
_HEADER = re.compile(
    r"(?P<start>authorization\\?[\"']?\s*[:=,]\s*\\?[\"']?(?:(?:bearer|basic|token)\s+)?)"
    r"[^\s\"',\\]+|(?P<bearer>\bbearer\s+)[\w+/=.~-]{16,}",
    re.IGNORECASE,
)
# a value that is itself a mapping or a list of pairs, which are searched one by one
_NESTED = r"""(?![{\[(]+\s*\\?["']?[\w.-]+\\?["']?\s*[:=])"""
# a name and its value, in YAML, JSON, Python, INI files, connection strings and query strings
_PAIR = re.compile(
    r"""(?P<name>\\?["']?[\w.-]+\\?["']?\]?\s*(?:=>|:=|==?|:(?=[\s"'])|:(?!/))\s*)"""
    + _NESTED
    + r"""(?P<value>[rbfuRBFU]{0,2}(?:"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?)|[^\s"']\S*)"""
)
_FLAG = re.compile(r"(?P<name>(?<!\S)--?[A-Za-z][\w-]+\s+)(?P<value>(?!-)\S+)")
_DEFAULT = re.compile(
    r"""(?P<name>\(\s*["'][\w.-]+["']\s*,\s*)(?P<value>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
)
_NO_SECRETS = frozenset(
    {"true", "false", "null", "none", "~", "{}", "[]", '""', "''", "{", "[", "|", ">", "|-", ">-",
     HIDDEN}
)  # fmt: skip
_LETTERS = re.compile(r"[^\w.-]")
# categories of Unicode: control and format characters, private use, surrogates, separators
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def without_shapes(text: str) -> str:
    """Return `text` with everything masked that looks like a secret, under any name."""
    text = _PRIVATE_KEY.sub(lambda match: HIDDEN + "\n" * match[0].count("\n"), text)
    text = _URL.sub(rf"\g<start>{HIDDEN}", text)
    text = _URL_TOKEN.sub(rf"\g<start>{HIDDEN}", text)
    text = _TOKENS.sub(HIDDEN, text)
    return _HEADER.sub(lambda m: f"{m['start'] or m['bearer']}{HIDDEN}", text)


def without_secrets(text: str) -> str:
    """Return `text` without the values of secret names and anything that looks like a secret."""
    text = without_shapes(text)
    for pattern in (_PAIR, _FLAG, _DEFAULT):
        text = pattern.sub(_hide, text)
    return text


def _hide(match: re.Match[str]) -> str:
    name, value = match["name"], match["value"]
    last = _LETTERS.sub("", name).rpartition(".")[2]
    if is_secret_name(last):
        return match[0] if value.strip().rstrip(",)}];").lower() in _NO_SECRETS else name + HIDDEN
    # the value may itself contain such pairs: "Server=a;Password=b"
    inner = value
    for pattern in (_PAIR, _FLAG):
        inner = pattern.sub(_hide, inner) if len(inner) < len(match[0]) else inner
    return name + inner


def printable(text: str) -> str:
    """Return `text` with invisible characters escaped, except tabs and ends of lines.

    A values file, its code and objects in a cluster may come from anyone, and a terminal obeys
    some of these characters: they hide what was printed, reverse the order of letters, set the
    terminal's title, or write to the clipboard.
    """
    return "".join(map(_printable, text))


def _printable(letter: str) -> str:
    visible = letter in "\t\n" or unicodedata.category(letter) not in _INVISIBLE
    return letter if visible else ascii(letter)[1:-1]


def one_line(text: str) -> str:
    """Return printable `text` in one line.

    CI services obey lines that begin with commands, such as `::error::` on GitHub.
    """
    return printable(text.replace("\n", " "))
