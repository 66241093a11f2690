"""Kubernetes quantities ("512Mi", "100m", 1.5) as numbers.

The suffixes are those of the Kubernetes API's resource.Quantity.
"""

SUFFIXES = {
    "n": 1e-9, "u": 1e-6, "m": 1e-3,
    "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60,
}  # fmt: skip


def quantity(value: str | int | float) -> float:
    """The number that a quantity stands for: bytes for memory, cores for cpu.

    Raises ValueError for text that is not a quantity.
    """
    if isinstance(value, int | float):
        return float(value)
    text = value.strip()
    for suffix in sorted(SUFFIXES, key=len, reverse=True):
        if text.endswith(suffix):
            return float(text[: -len(suffix)]) * SUFFIXES[suffix]
    return float(text)
