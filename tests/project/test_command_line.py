"""Every command with every kind of input: a documented exit code, and never a traceback."""

from __future__ import annotations

import io
import socket
import subprocess
import sys
import threading
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from z2jh_hub.cli import COMMANDS, main, progress
from z2jh_hub.local.dev import supervisor

VALUES = "hub: {config: {JupyterHub: {authenticator_class: 'null'}}}\n"
USAGE = 2

# command: its arguments after the file
READERS = {
    "check": (),
    "show": (),
    "cost": (),
    "preview": ("--user", "alice"),
    "migrate": (),
}
JSON = {"check", "show", "cost", "migrate"}
BAD = ["missing.yaml", "empty.yaml", "folder", "binary.yaml", "list.yaml", "broken.yaml"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    (tmp_path / "config.yaml").write_text(VALUES)
    (tmp_path / "other.yaml").write_text("cull: {timeout: 60}\n")
    (tmp_path / "empty.yaml").write_text("")
    (tmp_path / "list.yaml").write_text("- hub\n")
    (tmp_path / "broken.yaml").write_text("hub: [\n")
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)))
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    """Return the exit code and all output of a command. An exception fails the test."""
    result = CliRunner().invoke(main, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert "Traceback" not in result.output
    return result.exit_code, result.output


@pytest.mark.parametrize("command", READERS)
@pytest.mark.parametrize("spelling", [("config.yaml",), ("-f", "config.yaml")])
def test_file_is_an_argument_or_an_option(command, spelling):
    code, output = run(*command.split(), *spelling, *READERS[command])
    assert (code, "Usage" in output) == (0, False), output


@pytest.mark.parametrize("command", READERS)
def test_several_files_are_accepted(command):
    code, output = run(*command.split(), "config.yaml", "-f", "other.yaml", *READERS[command])
    assert code == 0, output


@pytest.mark.parametrize("command", sorted(JSON))
def test_json_is_the_only_output(command):
    code, output = run(*command.split(), "config.yaml", *READERS[command], "--format", "json")
    assert (code, output[0] in "{[") == (0, True)


@pytest.mark.parametrize("command", [*READERS, "dev", "cull explain"])
@pytest.mark.parametrize("option", [(), ("-f",)])
@pytest.mark.parametrize("file", BAD)
def test_a_file_without_values_is_reported_by_its_name(command, option, file):
    user = ("--user", "alice") if command == "cull explain" else ()
    code, output = run(*command.split(), *option, f"./{file}", *READERS.get(command, user))
    assert code in (1, 2)
    assert file in output


@pytest.mark.parametrize("command", [*READERS, "dev"])
def test_a_command_without_a_file_says_how_to_specify_one(command):
    code, output = run(command, *READERS.get(command, ()))
    assert (code, f"z2jh {command} -f config.yaml" in output) == (USAGE, True)


@pytest.mark.parametrize("words", [(), ("config.yaml",), ("config.yaml",) * 3])
def test_diff_needs_two_files(words):
    code, output = run("diff", *words)
    assert (code, "z2jh diff OLD NEW" in output) == (USAGE, True)


@pytest.mark.parametrize("file", BAD)
@pytest.mark.parametrize("words", [("config.yaml", "{}"), ("{}", "config.yaml"), ("-f", "{}")])
def test_diff_of_a_file_without_values(file, words):
    more = ("config.yaml", "other.yaml") if "-f" in words else ()
    code, output = run("diff", *(word.format(file) for word in words), *more)
    assert (code, file in output) == (2, True)


def test_prefix_of_show_may_follow_the_file_or_the_option():
    for words in (("config.yaml", "cull"), ("-f", "config.yaml", "cull"), ("cull", "config.yaml")):
        code, output = run("show", *words)
        assert (code, {line.split(".")[0] for line in output.splitlines()}) == (0, {"cull"})


def test_prefix_named_like_a_directory_is_a_prefix(folder):
    (folder / "hub").mkdir()
    code, output = run("show", "-f", "config.yaml", "hub.config")
    assert (code, output.startswith("hub.config.")) == (0, True)
    assert run("show", "config.yaml", "hub")[0] == 0


@pytest.mark.parametrize(
    ("prefix", "suggestion"),
    [("cul", "cull"), ("hub.konfig", "hub.config"), ("singleuser.stoarge", "singleuser.storage")],
)
def test_unknown_prefix_is_an_error_with_a_suggestion(prefix, suggestion):
    code, output = run("show", "config.yaml", prefix)
    assert (code, f"did you mean {suggestion}?" in output) == (2, True)


@pytest.mark.parametrize(
    ("typed", "suggested"), [("chekk", "check"), ("previews", "preview"), ("mmigrate", "migrate")]
)
def test_unknown_command_is_an_error_with_a_suggestion(typed, suggested):
    code, output = run(typed)
    assert (code, f"did you mean {suggested}?" in output) == (USAGE, True)


def test_file_in_place_of_a_command_suggests_check():
    assert "`z2jh check config.yaml`" in run("config.yaml")[1]


@pytest.mark.parametrize(
    ("words", "suggested"), [(("dev", "pss"), "ps"), (("db", "bckup"), "backup")]
)
def test_unknown_subcommand_is_an_error_with_a_suggestion(words, suggested):
    code, output = run(*words)
    assert code == USAGE
    assert suggested in output.rpartition("ean ")[2]


def commands(group: click.Group, *above: str):
    """Yield the words of every command and group."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*above, name)
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)


@pytest.mark.parametrize("words", list(commands(main)), ids=" ".join)
def test_every_command_has_help_and_refuses_unknown_options(words):
    code, output = run(*words, "--help")
    assert (code, output.startswith("Usage: ")) == (0, True)
    assert run(*words, "--nonsense")[0] == USAGE


@pytest.mark.parametrize("port", ["0", "-1", "99999", "http"])
def test_dev_refuses_what_is_no_port(port):
    code, output = run("dev", "config.yaml", "--port", port)
    assert (code, "--port" in output) == (USAGE, True)


def test_dev_takes_files_before_and_after_options():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        options = ["--port", port, "--state", "s"]
        code, output = run("dev", "config.yaml", *options)
        assert (code, f"Port {port} on 127.0.0.1 is in use" in output) == (2, True)
        assert run("dev", *options, "config.yaml") == (code, output)
        assert run("dev", *options, "-f", "config.yaml") == (code, output)


def test_dev_names_a_port_that_needs_rights(monkeypatch):
    monkeypatch.setattr(supervisor, "listen_error", lambda *_: PermissionError(13, "denied"))
    code, output = run("dev", "config.yaml", "--port", "80", "--state", "s")
    assert (code, "This account may not listen on port 80" in output) == (2, True)


def test_dev_ps_writes_one_line_per_object_into_a_pipe(folder):
    names = [f"claim-{letter * 60}" for letter in "abc"]
    for name in names:
        (folder / "state" / "claims" / "default" / name).mkdir(parents=True)
    _, output = run("dev", "ps", "--state", "state")
    lines = [line for line in output.splitlines() if "claim-" in line]
    assert [line.split()[0] for line in lines] == names
    assert all(line.rstrip().endswith(name) for line, name in zip(lines, names, strict=True))


@pytest.mark.parametrize("words", [("ps",), ("stop",), ("reset", "--yes"), ("ps", "--format=json")])
def test_a_state_directory_that_does_not_exist_is_an_error(words, folder):
    code, output = run("dev", *words, "--state", "none")
    assert (code, f"{folder / 'none'} does not exist" in output) == (2, True)
    assert not (folder / "none").exists()


def test_explain_completes_keys_in_the_shell(monkeypatch):
    program = "from z2jh_hub.cli import main; main(prog_name='z2jh')"
    for typed, completed in (
        ("singleuser.mem", "singleuser.memory.limit"), ("cu", "cull"), ("hub.db.t", "hub.db.type")
    ):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={
                "_Z2JH_COMPLETE": "bash_complete",
                "COMP_WORDS": f"z2jh explain {typed}",
                "COMP_CWORD": "2",
                "PYTHONPATH": str(Path(__file__).parents[2]),
            },
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"plain,{completed}" in done.stdout.split()


def test_every_listed_command_exists():
    assert {words[0] for words in commands(main)} == set(COMMANDS)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "seconds", "shown"), [
    (Terminal(), 0.3, True), (Terminal(), 0, False), (io.StringIO(), 0.3, False),
])  # fmt: skip
def test_progress_is_shown_on_a_terminal_after_a_while(monkeypatch, stream, seconds, shown):
    monkeypatch.setattr(progress, "INTERVAL", 0.1)
    monkeypatch.setattr(sys, "stderr", stream)
    with progress.progress("Checking"):
        threading.Event().wait(seconds)
    output = stream.getvalue()
    assert ("Checking (0 s)" in output) is shown
    assert output == "" or output.endswith(progress.CLEAR)
