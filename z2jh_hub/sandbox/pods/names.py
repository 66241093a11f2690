"""The names that Kubernetes accepts: of objects, labels, annotations and environment variables.

Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .schema import Mistake, Path

ANNOTATION = "an annotation"

LABEL_WORDS = (
    "at most 63 lower-case letters, digits and -, starting and ending with a letter or digit"
)
PORT_WORDS = "at most 15 lower-case letters, digits and -, with at least one letter"
_PORT = re.compile(r"(?=.{1,15}$)(?=.*[a-z])[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_DOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_NAME_WORDS = "at most 63 letters, digits, -, _ and ., starting and ending with a letter or digit"
_KEY_WORDS = f"{_NAME_WORDS}; before it may stand a domain name and a /"


def is_dns_label(name: str) -> bool:
    """Return whether Kubernetes accepts a name of a namespace or a volume (RFC 1123)."""
    return _LABEL.fullmatch(name) is not None


def is_port_name(name: str) -> bool:
    """Return whether Kubernetes accepts a name of a container's port (RFC 6335)."""
    return _PORT.fullmatch(name) is not None and "--" not in name


def is_label_key(key: str) -> bool:
    """Return whether Kubernetes accepts a key of a label."""
    domain, slash, name = key.rpartition("/")
    right = not slash or (len(domain) <= 253 and _DOMAIN.fullmatch(domain) is not None)
    return right and _NAME.fullmatch(name) is not None


def is_label_value(value: str) -> bool:
    """Return whether Kubernetes accepts a value of a label."""
    return not value or _NAME.fullmatch(value) is not None


def is_variable(name: str) -> bool:
    """Return whether Kubernetes accepts a name of an environment variable."""
    return bool(name) and "=" not in name and name.isascii() and name.isprintable()


def is_portable_variable(name: str) -> bool:
    """Return whether Kubernetes before 1.32 accepts a name of an environment variable, too."""
    return _VARIABLE.fullmatch(name) is not None


def of_labels(labels: Mapping[Any, Any], path: Path, noun: str = "a label") -> Iterator[Mistake]:
    """Yield the keys and the texts among the values that Kubernetes rejects."""
    yield from of_keys(labels, path, noun)
    for key, value in labels.items():
        if isinstance(value, str) and not is_label_value(value):
            yield Mistake(
                (*path, key), value, "rule", f"{value} is not a valid value of {noun}",
                _NAME_WORDS,
            )  # fmt: skip


def of_keys(mapping: Mapping[Any, Any], path: Path, noun: str) -> Iterator[Mistake]:
    """Yield the keys of labels, of a node selector or of annotations that Kubernetes rejects."""
    for key in mapping:
        # Kubernetes ignores the case of an annotation's domain
        checked = str(key).lower() if noun == ANNOTATION else str(key)
        if not is_label_key(checked):
            yield Mistake((*path, str(key)), key, "rule", f"{key} is not a valid key of {noun}",
                          _KEY_WORDS)  # fmt: skip


def of_variables(variables: Mapping[Any, Any], path: Path) -> Iterator[Mistake]:
    """Yield the names that Kubernetes rejects."""
    for name in variables:
        yield from of_variable(str(name), (*path, str(name)))


def of_variable(name: str, path: Path) -> Iterator[Mistake]:
    """Yield a mistake of the kind rule, or relaxed if only new versions accept the name."""
    if not is_variable(name):
        yield Mistake(path, name, "rule", "invalid name of an environment variable",
                      "printable ASCII characters without =")  # fmt: skip
    elif not is_portable_variable(name):
        yield Mistake(
            path, name, "relaxed", "Kubernetes before 1.32 rejects this name of a variable",
            "letters, digits, _, - and ., not starting with a digit",
        )  # fmt: skip
