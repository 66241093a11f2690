"""Date the changelog's unreleased changes: `python3 tools/changelog.py VERSION [FILE]`.

The entries under "Unreleased" become those of VERSION, and an empty "Unreleased" follows.
A development version changes nothing. An empty "Unreleased" is an error: a release without
notes tells its users nothing.
"""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

HEADING = "## [Unreleased]\n"


class NothingToRelease(Exception):
    """The changelog has no entry for the new version."""


def release(text: str, version: str, day: str) -> str:
    """Return the changelog `text` with the unreleased entries dated. Raises NothingToRelease."""
    before, heading, after = text.partition(HEADING)
    entries, _, _ = after.partition("\n## ")
    if not heading or not re.search(r"^- ", entries, re.M):
        raise NothingToRelease(f'add the changes of {version} under "{HEADING.strip()}"')
    return f"{before}{HEADING}\n## [{version}] - {day}\n{after}"


def main(version: str, file: str = "CHANGELOG.md") -> None:
    """Rewrite the changelog in `file` for `version`."""
    if version.endswith("-dev"):
        return
    path = Path(file)
    today = datetime.now(UTC).date().isoformat()
    try:
        path.write_text(release(path.read_text("utf-8"), version, today), "utf-8")
    except NothingToRelease as error:
        sys.exit(f"{file}: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
