"""Values and options with which `z2jh dev` does not start, and its messages."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import yaml
from support.dev import VALUES, merged, z2jh

BAD = {
    "hub": {"baseUrl": "jh", "db": {"type": "postgres"}},
    "cull": {"timeout": -5},
    "singleuser": {"storage": {"type": "static", "static": {"pvcName": None}}},
    "custom": {"dev": {"images": {"rocker/*": 7}}},
}


def write(folder: Path, values: Any) -> Path:
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(values))
    return file


def refused(*arguments: str | Path) -> tuple[int, str]:
    """Run `z2jh dev`; return its exit code and output, which contains no traceback."""
    done = z2jh("dev", *arguments)
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout + done.stderr


def test_errors_in_the_values_are_shown_with_file_and_line_before_anything_starts(tmp_path):
    file, state = write(tmp_path, merged(VALUES, BAD)), tmp_path / "state"
    code, output = refused("-f", file, "--state", state)
    assert code == 1
    lines = file.read_text().splitlines()
    for key, text in (("cull.timeout", "timeout: -5"), ("hub.baseUrl", "baseUrl: jh")):
        number = next(n for n, line in enumerate(lines, 1) if line.strip() == text)
        assert key in output
        assert f"{file}:{number}" in output
    assert "hub.db.url" in output
    assert not state.exists()


def test_an_image_without_a_command_is_an_error(tmp_path):
    file = write(tmp_path, merged(VALUES, {"custom": BAD["custom"]}))
    code, output = refused("-f", file, "--state", tmp_path / "state")
    assert code == 1
    assert "custom.dev.images.rocker/*: not a command" in output
    assert f"{file}:" in output


def test_missing_file_is_reported(tmp_path):
    code, output = refused("-f", tmp_path / "none.yaml", "--state", tmp_path / "state")
    assert (code, "none.yaml cannot be read" in output) == (2, True)


def test_dev_needs_a_file(tmp_path):
    code, output = refused("--state", tmp_path / "state")
    assert (code, "z2jh dev -f config.yaml" in output) == (2, True)


def test_invalid_image_rule_is_reported(tmp_path):
    code, output = refused("-f", write(tmp_path, VALUES), "--image", "rocker")
    assert (code, "PATTERN=COMMAND" in output) == (2, True)


def test_a_port_in_use(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        file = write(tmp_path, VALUES)
        code, output = refused("-f", file, "--state", tmp_path / "state", "--port", str(port))
    assert code == 2
    assert f"Port {port} on 127.0.0.1 is in use" in output
    assert f"--port {port + 1}" in output


def test_state_of_another_version_is_unchanged(tmp_path):
    home = tmp_path / "state" / "claims" / "default" / "claim-ada"
    home.mkdir(parents=True)
    (tmp_path / "state" / "version").write_text("999\n")
    for words in (["-f", write(tmp_path, VALUES)], ["stop"], ["reset", "--yes", "--homes"]):
        code, output = refused(*words, "--state", tmp_path / "state")
        assert (code, "state version 999" in output) == (2, True), words
    assert home.exists()
    assert sorted(path.name for path in (tmp_path / "state").iterdir()) == ["claims", "version"]


def test_error_of_code_in_dev_is_shown_as_the_hub_reports_it(tmp_path):
    # `check` runs the snippet without KUBECONFIG, where it does not fail
    code = "import os\nif 'KUBECONFIG' in os.environ:\n    raise RuntimeError('as I wrote it')"
    file = write(tmp_path, merged(VALUES, {"hub": {"extraConfig": {"mine": code}}}))
    done = z2jh("dev", "-f", file, "--state", tmp_path / "state", "--port", "18431")
    assert done.returncode == 2
    assert "as I wrote it" in done.stdout
    assert "hub ended with exit code 1" in done.stderr
    assert "`z2jh check` with the same files" in done.stderr
    assert not list((tmp_path / "state" / "run").glob("hub.json"))
