"""`z2jh diff`: what changes from one configuration to another, and what that does."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from .. import diff as differing
from .. import show
from ..check import CannotRead, SetError
from ..check.files import read
from ..diff.effects import KINDS
from ..errors import MISSING, ConfigError, display
from . import options

COULD_NOT_RUN = 2
COLOURS = {"home-unreachable": "red", "logs-out": "red", "reloads": "green", "new-servers": "green"}
WIDTH = 60


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "-f",
    "--values",
    "common",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A values file that both are laid over.",
)
@click.option("--accept-home-loss", is_flag=True, help="Existing homes may become unreachable.")
@click.option("--chart", type=click.Path(path_type=Path), help="The chart's folder.")
@options.run_anyway
@options.form
def diff(
    old: Path, new: Path, common: tuple[Path, ...], accept_home_loss: bool, chart: Path | None,
    run_anyway: bool, form: str,
) -> None:  # fmt: skip
    """Compare the values file OLD with NEW: traits, objects, user pods, and what follows.

    Exits 1 where users would no longer find their files (unless --accept-home-loss), 2 where
    the two cannot be compared, else 0.
    """
    try:
        before, after = read([*common, old]), read([*common, new])
        found = differing.compare(before, after, chart, run_anyway=run_anyway)
    except (CannotRead, SetError, ConfigError, show.NotShown, OSError) as error:
        click.echo(f"z2jh diff: {error}", err=True)
        sys.exit(COULD_NOT_RUN)
    if form == "json":
        click.echo(json.dumps(_as_json(found), indent=2))
    else:
        click.echo("\n".join(_text(found)))
    sys.exit(1 if found.loses_homes and not accept_home_loss else 0)


def _text(found: differing.Difference) -> Iterator[str]:
    if found.is_empty:
        yield (
            "The two mean the same." if not found.notes else "Nothing differs in what was compared."
        )
    for kind, words in KINDS.items():
        whys = [effect.why for effect in found.effects if effect.kind == kind]
        if whys:
            yield click.style(f"{words[0].upper()}{words[1:]}:", fg=COLOURS.get(kind, "yellow"))
            yield from (f"  - {why}" for why in whys)
    for title, changes in _sections(found):
        if changes:
            yield f"\n{click.style(title, bold=True)}"
            yield from map(_line, changes)
    yield from (f"note: {note}" for note in found.notes)


def _sections(found: differing.Difference) -> Iterator[tuple[str, list[differing.Change]]]:
    yield "Values", found.values
    yield "Traits", found.traits
    for name, changes in found.objects.items():
        yield name, changes
    for slug, changes in found.pods.items():
        yield f"User pod{f' of {slug}' if slug else ''}", changes


def _line(change: differing.Change) -> str:
    old, new = (_shown(change, value) for value in (change.old, change.new))
    if change.old is MISSING:
        return click.style(f"  + {change.name}: {new}", fg="green")
    if change.new is MISSING:
        return click.style(f"  - {change.name}: {old}", fg="red")
    return f"  ~ {change.name}: {old} → {new}"


def _shown(change: differing.Change, value: Any) -> str:
    return "" if value is MISSING else display((), show.hidden(change.path, value), WIDTH)


def _as_json(found: differing.Difference) -> dict[str, Any]:
    return {
        "effects": [{"kind": e.kind, "why": e.why} for e in found.effects],
        "values": [_change(c) for c in found.values],
        "traits": [_change(c) for c in found.traits],
        "objects": {name: [_change(c) for c in cs] for name, cs in found.objects.items()},
        "pods": {slug: [_change(c) for c in cs] for slug, cs in found.pods.items()},
        "notes": found.notes,
    }


def _change(change: differing.Change) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": change.name}
    for side, value in (("old", change.old), ("new", change.new)):
        if value is not MISSING:
            shown[side] = show.hidden(change.path, value)
    return shown
