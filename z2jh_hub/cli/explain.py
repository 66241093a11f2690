"""`z2jh explain`: describe a key of the values."""

from __future__ import annotations

import json
import sys

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..inspect.completions import completions
from ..inspect.explain import Explanation, UnknownKey, explain, shown_default
from . import options


def _complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    return completions(incomplete)


@click.command("explain")
@click.argument("key", default="", shell_complete=_complete)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(key: str, form: str) -> None:
    """Describe KEY, such as singleuser.memory.limit: purpose, type, default, and what reads it.

    Without KEY, lists the top-level keys.
    Exits 2 if KEY does not exist, and suggests similar keys.
    """
    try:
        explanation = explain(key)
    except UnknownKey as error:
        options.report(f"z2jh explain: {error}")
        sys.exit(2)
    if form == "json":
        click.echo(json.dumps(explanation.as_json(), indent=2, ensure_ascii=False))
    else:
        _show(explanation)


def _show(explanation: Explanation) -> None:
    console = Console(highlight=False)
    if explanation.key:
        console.print(explanation.key, style="bold")
    if explanation.text:
        console.print(" ".join(explanation.text.split()), markup=False)
    facts = Table(box=None, show_header=False, pad_edge=False)
    for label, text in (
        ("type", explanation.kind),
        ("default", shown_default(explanation.default)),
        ("sets", explanation.trait),
        ("read by", explanation.read_by),
        ("replaces", ", ".join(explanation.old)),
    ):
        if text:
            facts.add_row(f"{label}:", escape(text))
    console.print(facts)
    if explanation.children:
        console.print()
        keys = Table(box=None, show_header=False, pad_edge=False)
        for name, text in explanation.children.items():
            keys.add_row(f"  {name}", escape(text))
        console.print(keys)
