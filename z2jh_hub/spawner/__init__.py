"""The spawner class: KubeSpawner with readable failures, safe homes, quotas and more."""

from __future__ import annotations

from .spawner import Z2JHKubeSpawner, mix, mixed

__all__ = ["Z2JHKubeSpawner", "mix", "mixed"]
