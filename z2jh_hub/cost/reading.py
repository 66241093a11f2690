"""Read a text file of an administrator, up to a maximum size."""

from __future__ import annotations

from pathlib import Path

from . import CostError


def text_of(file: Path, most: int, expected: str) -> str:
    """Return the text of a file without a byte order mark. Raises CostError.

    Reads at most `most` bytes, also of a pipe or a device. `expected` ends the message.
    """
    try:
        with file.open("rb") as opened:
            data = opened.read(most + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CostError(f"{file} cannot be read: {reason}; expected: {expected}") from None
    if len(data) > most:
        raise CostError(f"{file} has more than {most} bytes; expected: {expected}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CostError(f"{file} is not UTF-8 text; expected: {expected}") from None
