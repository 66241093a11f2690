"""Do not look for cyclic garbage while the hub imports its modules.

Changes a setting of the interpreter. Imports make some 500,000 objects that stay, and the collector
visits them again and again. It runs again as soon as the hub has read its configuration.
"""

from __future__ import annotations

import gc


def install() -> None:
    """Switch the collector off until the hub is configured."""
    gc.disable()


def end() -> None:
    """Switch the collector on."""
    gc.enable()
