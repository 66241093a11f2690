"""The spawner: KubeSpawner and what configuration alone cannot add to it."""

from __future__ import annotations

from .spawner import Z2JHKubeSpawner, mix, mixed

__all__ = ["Z2JHKubeSpawner", "mix", "mixed"]
