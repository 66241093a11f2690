"""`z2jh schema`: the schema of the values, for editors."""

from __future__ import annotations

import json

import click
import yaml

from ..chart import chart_files


@click.command("schema")
def command() -> None:
    """Write the JSON Schema of the values, with its prose: `z2jh schema > values.schema.json`."""
    schema = yaml.safe_load(chart_files.read("values.schema.yaml"))
    click.echo(json.dumps(schema, indent=1, ensure_ascii=False))
