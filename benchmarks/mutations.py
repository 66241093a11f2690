"""How many single mistakes `z2jh check --static` tells, and on the right line.

Mistakes of each kind, drawn with a fixed seed, one at a time, in the real deployments' files
(`Z2JH_SHARED`, or `shared` beside the checkout). One is told when there is an error or a
warning that the file did not have before, and on the right line when that stands where the
mistake does. Equal lines of several files are one spot; lines of which something is said
already are none.

    python benchmarks/mutations.py [--seed N] [--each N] [--format text|json] [--missed]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from mutating.mutators import KINDS
from mutating.page import Page, Spot

from z2jh_hub.check import check
from z2jh_hub.config.errors import Problem

SEED = 20261125
Finding = tuple[str, str, str]


@dataclass
class Trial:
    """One mistake, and what `check` made of it."""

    kind: str
    file: str
    line: int
    given: str
    told: bool
    right: bool
    lines: list[int]


def pages() -> list[Page]:
    """The real deployments' files."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("Z2JH_SHARED", beside)) / "configs"
    files = sorted(folder.glob("*.yaml"))
    if not files:
        sys.exit(f"no values files in {folder}: set Z2JH_SHARED")
    return [Page(file) for file in files]


def findings(file: Path) -> dict[Finding, int]:
    """Errors and warnings, each with its line."""
    return {
        (p.rule, p.key, p.message): _line(p)
        for p in check([file], run=False)
        if p.severity != "note"
    }


def _line(problem: Problem) -> int:
    return (problem.origin.line or 0) if problem.origin else 0


def drawn(kind: str, all_pages: list[Page], rng: random.Random, each: int) -> Iterator[
    tuple[Page, Spot, list[str]]
]:  # fmt: skip
    """`each` mistakes of a kind: every distinct spot once before any comes again."""
    spots = {}
    for page in rng.sample(all_pages, len(all_pages)):
        for spot in KINDS[kind](page):
            spots.setdefault((spot.path, page.lines[spot.line]), (page, spot))
    order = rng.sample(sorted(spots), len(spots))
    seen: set[tuple[object, ...]] = set()
    for key in order * 10:
        page, spot = spots[key]
        new = spot.draw(rng)
        if new and (*key, *new) not in seen and len(seen) < each and not _is_told(page, spot):
            seen.add((*key, *new))
            yield page, spot, new


@cache
def _before(page: Page) -> dict[Finding, int]:
    return findings(page.file)


def _is_told(page: Page, spot: Spot) -> bool:
    return spot.line + 1 in _before(page).values()


def tried(kind: str, page: Page, spot: Spot, new: list[str], folder: Path) -> Trial:
    """What `check` says when this mistake is made."""
    file = folder / page.file.name
    file.write_text(page.with_mistake(spot, new), "utf-8")
    lines = sorted({line for key, line in findings(file).items() if key not in _before(page)})
    line = spot.line + spot.offset + 1
    given = new[spot.offset].strip()
    return Trial(kind, page.file.name, line, given, bool(lines), line in lines, lines)


def table(trials: list[Trial]) -> Iterator[str]:
    """The shares by kind, as a table of Markdown."""
    yield "| mistake | tried | told | on the right line |"
    yield "|---|---|---|---|"
    for kind in [*KINDS, "all"]:
        mine = [trial for trial in trials if kind in (trial.kind, "all")]
        if mine:
            told, right = (100 * sum(column) / len(mine) for column in
                           ([t.told for t in mine], [t.right for t in mine]))  # fmt: skip
            yield f"| {kind} | {len(mine)} | {told:.1f} % | {right:.1f} % |"


def main() -> None:
    """Print the table, or every trial as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--each", type=int, default=60, help="mistakes of each kind")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--missed", action="store_true", help="list what was not told rightly")
    arguments = parser.parse_args()
    all_pages, trials = pages(), []
    with tempfile.TemporaryDirectory() as name:
        for kind in KINDS:
            # each kind by itself: a change of one leaves the others' mistakes as they are
            rng = random.Random(f"{arguments.seed} {kind}")
            for page, spot, new in drawn(kind, all_pages, rng, arguments.each):
                trials.append(tried(kind, page, spot, new, Path(name)))
    if arguments.format == "json":
        print(json.dumps([asdict(trial) for trial in trials], indent=2))
        return
    print("\n".join(table(trials)))
    for trial in trials if arguments.missed else ():
        if not trial.right:
            print(f"{trial.kind}: {trial.file}:{trial.line}: {trial.given}  told at {trial.lines}")


if __name__ == "__main__":
    main()
