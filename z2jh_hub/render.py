"""Public name: `from z2jh_hub import render`, for a deployment's own tests."""

from .inspect.preview import (
    NotIsolated,
    NotRendered,
    Objects,
    Refused,
    Request,
    claims,
    each,
    objects,
    pod,
    profiles,
)

__all__ = [
    "NotIsolated",
    "NotRendered",
    "Objects",
    "Refused",
    "Request",
    "claims",
    "each",
    "objects",
    "pod",
    "profiles",
]
