"""Recognise traits that decide who may log in, also under a misspelled name.

A trait that its class does not have is without effect. For these traits that is an error: the
administrator relies on a rule that nothing enforces.
"""

from __future__ import annotations

from ..config.login_traits import ALL, PREFIXES
from ..config.suggestions import closest, letters

_SIMILAR = 0.8
_BEGINNINGS = tuple(prefix.rstrip("_") for prefix in PREFIXES)


def is_close(class_name: str, trait: str) -> bool:
    """Return whether `trait` is, or is close to, the name of a rule about who may log in."""
    if closest(trait, ALL, _SIMILAR):
        return True
    decides = class_name.endswith("Authenticator") or class_name == "JupyterHub"
    return decides and letters(trait).startswith(_BEGINNINGS)
