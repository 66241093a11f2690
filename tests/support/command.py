"""The installed `z2jh`, to run as an administrator or a Job does."""

from __future__ import annotations

import sys
from pathlib import Path

Z2JH = str(Path(sys.executable).with_name("z2jh"))
