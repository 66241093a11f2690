"""Write the output of `z2jh cost` below the commands in docs/costs.md.

python tools/cost_examples.py     # writes the page
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from z2jh_hub.cli import main

PAGE = Path(__file__).parents[1] / "docs" / "costs.md"
EXAMPLE = re.compile(r"^    z2jh (cost .*)\n\n```text\n((?:.*\n)*?)```$", re.MULTILINE)


def page(text: str) -> str:
    """Return a page whose examples show what the commands print."""
    return EXAMPLE.sub(_example, text)


def _example(match: re.Match[str]) -> str:
    result = CliRunner().invoke(main, shlex.split(match[1]), env={"NO_COLOR": "1"})
    if result.exit_code:
        raise RuntimeError(f"z2jh {match[1]}: {result.output}")
    return f"    z2jh {match[1]}\n\n```text\n{result.stdout}```"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
