"""The path of the installed `z2jh` command."""

from __future__ import annotations

import sys
from pathlib import Path

Z2JH = str(Path(sys.executable).with_name("z2jh"))
