"""Halve the start of every Python program that a test starts; on PYTHONPATH (tests/conftest.py).

jsonschema, which JupyterHub and JupyterLab import, builds the grammars of rfc3987_syntax on import:
1.5 seconds of CPU. Without it, jsonschema skips the format check of IRIs, which no test uses.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
