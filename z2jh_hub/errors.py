"""Public name: the errors that this package raises."""

from .config.errors import ConfigError, Origin, Problem

__all__ = ["ConfigError", "Origin", "Problem"]
