"""Complete the keys of the values, for the shell."""

from __future__ import annotations

from .explain import prose


def completions(incomplete: str) -> list[str]:
    """Return the keys that start with `incomplete`: one level, or two if only one key matches."""
    above, _, start = incomplete.rpartition(".")
    parent = tuple(above.split(".")) if above else ()
    keys = [(*parent, name) for name in prose().children(parent) if name.startswith(start)]
    if len(keys) == 1:
        keys += [(*keys[0], name) for name in prose().children(keys[0])]
    return [".".join(path) for path in keys]
