"""Mistakes in values files, for `benchmarks/mutations.py`."""
