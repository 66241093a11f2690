"""Where the embedded API means to answer otherwise than a real one, and why."""

DEVIATIONS: dict[str, str] = {}
