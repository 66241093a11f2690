"""Redact objects and logs of a namespace, so that they can be given to others.

What may hold a secret is hidden by its place, whatever its name or value: values of environment
variables and headers, arguments of commands, annotations of other programs, options of volumes. In
everything else, secrets are hidden by their names and by their looks, and the hidden ones also
wherever they occur again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from ..masking import HIDDEN, Mask, masked, printable, without_secrets
from .snapshot import Object, Snapshot

# fields that say nothing about a problem, and repeat what others hide
LEFT_OUT = frozenset({"managedFields", "ownerReferences"})
# only the first word of these lists is shown, which is the program
COMMANDS = frozenset({"command", "args"})
# mappings whose values are hidden
HIDDEN_VALUES = frozenset({"volumeAttributes", "options", "parameters", "stringData", "data"})
# domains of annotations that Kubernetes, Helm and JupyterHub write
ANNOTATIONS = frozenset(
    {"hub.jupyter.org", "meta.helm.sh", "helm.sh", "kubernetes.io", "deployment.kubernetes.io",
     "storageclass.kubernetes.io", "ingressclass.kubernetes.io", "volume.kubernetes.io",
     "volume.beta.kubernetes.io", "pv.kubernetes.io", "statefulset.kubernetes.io",
     "batch.kubernetes.io"}
)  # fmt: skip
# of a Secret, only these are shown
OF_A_SECRET = ("name", "namespace", "creationTimestamp")

# hexadecimal tokens, but no digests of images; and random text with digits and letters of each case
_HEX = re.compile(r"(?<!sha256:)(?<![0-9a-fA-F])[0-9a-fA-F]{32,}(?![0-9a-fA-F])")
_RANDOM = re.compile(
    r"(?<![\w+/=-])(?=[\w+/-]*\d)(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])[\w+/-]{24,}={0,2}"
)


class Redaction:
    """Hides the secrets of a snapshot."""

    def __init__(self, snapshot: Snapshot):
        self._mask = Mask(*(item for items in snapshot.objects.values() for item in items))

    def objects(self, kind: str, items: Sequence[Object]) -> str:
        """Return objects of a kind as JSON without secrets."""
        if kind == "secrets":
            every = [item.get("metadata") or {} for item in items]
            items = [{"metadata": {name: each.get(name) for name in OF_A_SECRET}} for each in every]
        return self.json([masked((), _by_place(item)) for item in items])

    def json(self, value: Any) -> str:
        """Return data whose texts have no secrets as JSON."""
        # all texts at once: there may be thousands of tokens and of objects
        return self._mask.known(json.dumps(_texts(value), indent=1, default=str)) + "\n"

    def text(self, text: str) -> str:
        """Return printable text without secrets."""
        return _text(self._mask.known(text))


def _texts(node: Any) -> Any:
    """Return a copy of data whose texts have no secrets that are recognized by their looks."""
    if isinstance(node, dict):
        return {str(key): _texts(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_texts(value) for value in node]
    return _text(node) if isinstance(node, str) else node


@lru_cache(maxsize=10_000)
def _text(text: str) -> str:
    return printable(_without_tokens(without_secrets(text)))


def _without_tokens(text: str) -> str:
    """Return `text` without long words that are probably random."""
    return _RANDOM.sub(HIDDEN, _HEX.sub(HIDDEN, text))


def _by_place(node: Any, key: str = "") -> Any:
    """Return a copy without what may hold a secret, by its place."""
    if isinstance(node, Mapping):
        if key in HIDDEN_VALUES:
            return dict.fromkeys(node, HIDDEN)
        if key == "annotations":
            return {name: _annotation(str(name), value) for name, value in node.items()}
        named = "name" in node and isinstance(node.get("value"), str)
        return {
            name: HIDDEN if named and name == "value" else _by_place(value, str(name))
            for name, value in node.items()
            if name not in LEFT_OUT
        }
    if isinstance(node, Sequence) and not isinstance(node, (str, bytes)):
        if key in COMMANDS and all(isinstance(word, str) for word in node):
            return [word if not at and key == "command" else HIDDEN for at, word in enumerate(node)]
        return [_by_place(value) for value in node]
    return node


def _annotation(name: str, value: Any) -> Any:
    domain, _, rest = name.rpartition("/")
    # Kubernetes' own domain, but not a copy of the whole object
    return value if domain in ANNOTATIONS and "last-applied" not in rest else HIDDEN
