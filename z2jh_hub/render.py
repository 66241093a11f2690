"""Public name: `from z2jh_hub import render`, for a deployment's own tests."""

from .inspect.preview import NotRendered, Objects, Request, objects, pod

__all__ = ["NotRendered", "Objects", "Request", "objects", "pod"]
