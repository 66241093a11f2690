"""Generate the reference pages that come from the code: commands, rules, failures and metrics.

python tools/reference_pages.py     # writes the pages
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click

from z2jh_hub.check.rules import RULES
from z2jh_hub.cli import COMMANDS, main
from z2jh_hub.failures import Failure, catalogue

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MADE = "<!-- Generated from {source} by `make reference`. Do not edit. -->\n"

STAGES = (
    ("The cluster or the hub refuses the server", catalogue.REFUSED),
    ("The home or another volume cannot be mounted", catalogue.VOLUMES),
    ("No node has room", catalogue.PLACEMENT),
    ("The image cannot be pulled", catalogue.IMAGES),
    ("The container does not run", catalogue.CONTAINERS),
    ("The server does not answer in time", (*catalogue.TIMEOUTS, catalogue.OTHERWISE)),
)


def pages() -> dict[str, str]:
    """Return the pages as {path below docs/: text}."""
    return {
        "commands.md": _commands(),
        "rules.md": _rules(),
        "problems/server-does-not-start.md": _failures(),
        "metrics.md": _metrics(),
    }


def _commands() -> str:
    parts = [MADE.format(source="z2jh_hub/cli/"), "# Commands\n"]
    parts.append("`z2jh COMMAND --help` prints the same text. `-h` is short for `--help`.\n")
    parts += ["| command | description |", "|---|---|"]
    parts += [f"| [`z2jh {name}`](#z2jh-{name}) | {COMMANDS[name][1]} |" for name in COMMANDS]
    root = click.Context(main, info_name="z2jh")
    for name in COMMANDS:
        command = main.get_command(root, name)
        assert command
        parts += ["", *_command(command, click.Context(command, root, info_name=name), 2)]
    return "\n".join(parts).rstrip() + "\n"


def _command(command: click.Command, context: click.Context, level: int) -> Iterator[str]:
    yield f"{'#' * level} `{context.command_path}`\n"
    for usage in command.get_usage(context).splitlines():
        yield f"    {usage.removeprefix('Usage: ').strip()}"
    yield ""
    for paragraph in re.split(r"\n\s*\n", (command.help or "").replace("\b", "").strip()):
        yield _line(paragraph) + "\n"
    options = [
        option for option in command.get_params(context) if option.param_type_name == "option"
    ]
    records = [option.get_help_record(context) for option in options]
    rows = [record for record in records if record and "--help" not in record[0]]
    if rows:
        yield "| option | description |"
        yield "|---|---|"
        yield from (f"| `{_cell(option)}` | {_cell(_line(text))} |" for option, text in rows)
        yield ""
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child
            yield from _command(child, click.Context(child, context, info_name=name), level + 1)


def _rules() -> str:
    rows = [f"| [`{rule}`](rules/{rule}.md) | {title} |" for rule, title in RULES.items()]
    table = "\n".join(("| rule | reports |", "|---|---|", *rows))
    toctree = "\n".join(
        ("```{toctree}", ":hidden:", "", *(f"rules/{rule}" for rule in RULES), "```")
    )
    intro = (
        "The rules of [`z2jh check`](check.md). Each page has an example that is reported and "
        "one that is not."
    )
    made = MADE.format(source="z2jh_hub/check/rules/")
    return f"{made}# Rules of `z2jh check`\n\n{intro}\n\n{table}\n\n{toctree}\n"


def _failures() -> str:
    parts = [MADE.format(source="z2jh_hub/failures/catalogue.py"), "# A server does not start\n"]
    parts.append(
        "The spawn page, the hub's log and the label `reason` of the metric "
        "`jupyterhub_server_spawn_duration_seconds` name the cause by its id. Find the id below. "
        "[Failures](../failures.md) describes how the hub recognizes a cause, and how to change a "
        "message or add a cause.\n"
    )
    for heading, failures in STAGES:
        parts.append(f"## {heading}\n")
        parts += [_failure(failure) for failure in failures]
    return "\n".join(parts).rstrip() + "\n"


def _failure(failure: Failure) -> str:
    items = [
        f"**Users see:** {_text(failure.user)}",
        f"**Cause:** {_text(failure.admin)}",
        f"**Next step:** {_text(failure.next)}",
    ]
    if failure.wait:
        items.append(
            f"**Waits:** up to {_duration(failure.wait)} for the problem to resolve itself"
        )
    if failure.rescue:
        items.append("**Rescue:** a [rescue server](../rescue.md) is offered")
    return "\n".join((f"### {failure.id}", "", *(f"- {item}" for item in items), ""))


def _metrics() -> str:
    parts = [MADE.format(source="z2jh_hub/"), "# Metrics\n"]
    parts.append(
        "The hub serves these metrics at `/hub/metrics`, in addition to those of JupyterHub. "
        "[Monitoring](monitoring.md) describes how to collect and to use them.\n"
    )
    parts += ["| metric | type | labels | description |", "|---|---|---|---|"]
    parts += sorted(row for file in (ROOT / "z2jh_hub").rglob("*.py") for row in _metrics_of(file))
    return "\n".join(parts) + "\n"


def _metrics_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        kind = node.func.id
        if kind not in ("Counter", "Gauge", "Histogram", "Summary"):
            continue
        values = [_literal(argument) for argument in node.args]
        if len(values) < 2 or not str(values[0]).startswith("z2jh_"):
            continue
        name = f"{values[0]}_total" if kind == "Counter" else values[0]
        labels = ", ".join(f"`{label}`" for label in (values[2] if len(values) > 2 else ()))
        yield f"| `{name}` | {kind.lower()} | {labels or 'none'} | {values[1]} |"


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def _text(text: str) -> str:
    """Return prose in which Markdown finds no markup."""
    return re.sub(r"([<*_])", r"\\\1", text)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    for path, text in pages().items():
        (DOCS / path).write_text(text, "utf-8")
