"""Report words and phrases that this project avoids: `python tools/vocabulary.py [PATH…]`.

tools/vocabulary.yaml lists them. Exit code: 1 if there are findings.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parent))
import prose

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Finding:
    """One match, in a line of a file."""

    path: str
    line: int
    text: str
    use: str

    def __str__(self) -> str:
        return f'{self.path}:{self.line}: "{self.text}": use {self.use}'


class Vocabulary:
    """The words to avoid, and where."""

    def __init__(self, rules: dict[str, Any]):
        self.phrases = [
            (re.compile(rule["avoid"], re.I), rule.get("unless"), rule["use"])
            for rule in rules["phrases"]
        ]
        self.names = frozenset(rules["names"])
        self.ignored = rules["ignored"]

    def findings(self, path: str, text: str) -> Iterator[Finding]:
        """What to change in a file."""
        for line, words in prose.extract(path, text):
            for avoid, unless, use in self.phrases:
                for match in avoid.finditer(words):
                    if not (unless and re.match(unless, match[0], re.I)):
                        yield Finding(path, line, match[0], use)
        for line, name in prose.names(path, text):
            if name in self.names:
                yield Finding(path, line, name, "a noun or a verb of the domain")


def matches(path: str, patterns: Iterable[str]) -> list[str]:
    return [pattern for pattern in patterns if fnmatch(path, pattern)]


def tracked(paths: list[str]) -> list[str]:
    """The files to check: those of the repository, or of `paths` in it."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *paths]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted({name for name in listed.split("\0") if name and (ROOT / name).is_file()})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", metavar="PATH")
    options = parser.parse_args()
    vocabulary = Vocabulary(yaml.safe_load((ROOT / "tools/vocabulary.yaml").read_text("utf-8")))

    findings = [
        finding
        for path in tracked(options.paths)
        if not matches(path, vocabulary.ignored) and prose.understands(path)
        for finding in vocabulary.findings(path, (ROOT / path).read_text("utf-8"))
    ]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
