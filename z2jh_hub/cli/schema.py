"""`z2jh schema`: print the JSON Schema of the values, for editors."""

from __future__ import annotations

import json

import click
import yaml

from ..chart import chart_files


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of the values with descriptions, for editors."""
    schema = yaml.safe_load(chart_files.read("values.schema.yaml"))
    click.echo(json.dumps(schema, indent=1, ensure_ascii=False))
