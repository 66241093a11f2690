"""`z2jh explain`: what a key of the values does."""

from __future__ import annotations

import json
import sys

import click
from rich.console import Console
from rich.table import Table

from ..explain import Explanation, UnknownKey, explain, shown_default


@click.command("explain")
@click.argument("key")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(key: str, form: str) -> None:
    """Say what KEY (such as singleuser.memory.limit) does, what it takes and who reads it.

    Exits 2 where there is no such key.
    """
    try:
        found = explain(key)
    except UnknownKey as error:
        click.echo(f"z2jh explain: {error}", err=True)
        sys.exit(2)
    if form == "json":
        click.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        _show(found)


def _show(found: Explanation) -> None:
    console = Console(highlight=False)
    console.print(found.key, style="bold")
    if found.text:
        console.print(" ".join(found.text.split()), markup=False)
    facts = Table(box=None, show_header=False, pad_edge=False)
    for label, text in (
        ("takes", found.kind),
        ("default", shown_default(found.default)),
        ("trait", found.trait),
        ("read by", found.read_by),
        ("in 2018", ", ".join(found.old)),
    ):
        if text:
            facts.add_row(f"{label}:", text)
    console.print(facts)
    if found.children:
        console.print()
        keys = Table(box=None, show_header=False, pad_edge=False)
        for name, text in found.children.items():
            keys.add_row(f"  {name}", text)
        console.print(keys)
