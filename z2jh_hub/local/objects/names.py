"""What names, labels and keys may look like (RFC 1123 and Kubernetes' own rules)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_WORD = "[A-Za-z0-9][-A-Za-z0-9_.]*"


@dataclass(frozen=True)
class Rule:
    """A pattern, the longest text it allows, and the rule in words.

    `near` is a pattern that is nearly right, and what is then wrong.
    """

    pattern: str
    longest: int
    words: str
    near: tuple[str, str] = ("", "")

    def broken_by(self, text: str) -> str:
        """What is wrong with `text`; "" when nothing is."""
        if len(text) > self.longest:
            return f"must be no more than {self.longest} characters"
        if re.fullmatch(self.pattern, text):
            return ""
        pattern, words = self.near
        return words if pattern and re.fullmatch(pattern, text) else self.words


def _told(what: str, examples: tuple[str, ...], pattern: str) -> str:
    shown = ",  or ".join(f"'{example}'" for example in examples)
    return f"{what} (e.g. {shown}, regex used for validation is '{pattern}')"


_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_ENDS = "and must start and end with an alphanumeric character"
SUBDOMAIN = Rule(
    _SUBDOMAIN,
    253,
    _told(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
        f"'-' or '.', {_ENDS}",
        ("example.com",),
        _SUBDOMAIN,
    ),
)
LABEL = Rule(
    _LABEL,
    63,
    _told(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
        f"{_ENDS}",
        ("my-name", "123-abc"),
        _LABEL,
    ),
    (_SUBDOMAIN, "must not contain dots"),
)
_SERVICE = "[a-z]([-a-z0-9]*[a-z0-9])?"
SERVICE = Rule(
    _SERVICE,
    63,
    _told(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
        "alphabetic character, and end with an alphanumeric character",
        ("my-name", "abc-123"),
        _SERVICE,
    ),
)
_PATH = r"(?!\.\.?$)[^/%]+"
PATH = Rule(_PATH, 253, "may not be '.' or '..' or contain '/' or '%'")
_QUALIFIED = f"({_WORD})?[A-Za-z0-9]"
_LABEL_NAME = Rule(
    _QUALIFIED,
    63,
    _told(
        f"name part must consist of alphanumeric characters, '-', '_' or '.', {_ENDS}",
        ("MyName", "my.name", "123-abc"),
        "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]",
    ),
)
LABEL_VALUE = Rule(
    f"({_QUALIFIED})?",
    63,
    _told(
        "a valid label must be an empty string or consist of alphanumeric characters, "
        f"'-', '_' or '.', {_ENDS}",
        ("MyValue", "my_value", "12345"),
        "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?",
    ),
)
KEY = Rule(
    "[-._a-zA-Z0-9]+",
    253,
    _told(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        ("key.name", "KEY_NAME", "key-name"),
        "[-._a-zA-Z0-9]+",
    ),
)
VARIABLE = Rule(
    r"[ -<>-~]+",
    1 << 20,
    "a valid environment variable name must consist only of printable ASCII characters other "
    "than '='",
)


def label_key(text: str) -> str:
    """What is wrong with a label's or annotation's key; "" when nothing is."""
    prefix, slash, name = text.rpartition("/")
    if slash and (broken := SUBDOMAIN.broken_by(prefix)):
        return f"prefix part {broken}"
    return _LABEL_NAME.broken_by(name)
