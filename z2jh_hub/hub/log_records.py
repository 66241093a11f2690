"""Change the log messages of all loggers of this process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any


def change_all(change: Callable[[logging.LogRecord], None]) -> None:
    """Have `change` change each record when it is made, after earlier changes."""
    make = logging.getLogRecordFactory()

    @wraps(make)
    def changed(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        try:
            change(record)
        except Exception:  # its arguments do not match the message, which logging itself reports
            return record
        return record

    logging.setLogRecordFactory(changed)
