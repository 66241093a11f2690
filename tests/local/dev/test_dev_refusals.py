"""What `z2jh dev` does not start with, and how it says so."""

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
    """Run `z2jh dev`: exit code and all that it said, which is no traceback."""
    done = z2jh("dev", *arguments)
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout + done.stderr


def test_errors_in_the_values_are_shown_with_file_and_line_before_anything_starts(tmp_path):
    file, state = write(tmp_path, merged(VALUES, BAD)), tmp_path / "state"
    code, said = refused("-f", file, "--state", state)
    assert code == 1
    lines = file.read_text().splitlines()
    for key, text in (("cull.timeout", "timeout: -5"), ("hub.baseUrl", "baseUrl: jh")):
        number = next(n for n, line in enumerate(lines, 1) if line.strip() == text)
        assert key in said
        assert f"{file}:{number}" in said
    assert "hub.db.url" in said
    assert not state.exists()


def test_an_image_without_a_command_is_an_error(tmp_path):
    file = write(tmp_path, merged(VALUES, {"custom": BAD["custom"]}))
    code, said = refused("-f", file, "--state", tmp_path / "state")
    assert code == 1
    assert "custom.dev.images.rocker/*: not a command" in said
    assert f"{file}:" in said


def test_a_file_that_is_not_there(tmp_path):
    code, said = refused("-f", tmp_path / "none.yaml", "--state", tmp_path / "state")
    assert (code, "none.yaml cannot be read" in said) == (2, True)


def test_no_file_at_all(tmp_path):
    code, said = refused("--state", tmp_path / "state")
    assert (code, "z2jh dev -f config.yaml" in said) == (2, True)


def test_a_rule_for_images_that_is_none(tmp_path):
    code, said = refused("-f", write(tmp_path, VALUES), "--image", "rocker")
    assert (code, "PATTERN=COMMAND" in said) == (2, True)


def test_a_port_in_use(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        file = write(tmp_path, VALUES)
        code, said = refused("-f", file, "--state", tmp_path / "state", "--port", str(port))
    assert code == 2
    assert f"Port {port} on 127.0.0.1 is in use" in said
    assert f"--port {port + 1}" in said


def test_another_versions_state_is_not_touched(tmp_path):
    home = tmp_path / "state" / "claims" / "default" / "claim-ada"
    home.mkdir(parents=True)
    (tmp_path / "state" / "version").write_text("999\n")
    for words in (["-f", write(tmp_path, VALUES)], ["stop"], ["reset", "--yes", "--homes"]):
        code, said = refused(*words, "--state", tmp_path / "state")
        assert (code, "state version 999" in said) == (2, True), words
    assert home.exists()
    assert sorted(path.name for path in (tmp_path / "state").iterdir()) == ["claims", "version"]


def test_code_that_raises_only_here_ends_with_the_hubs_words(tmp_path):
    # `check` tries the snippet, where there is no KUBECONFIG, and finds nothing
    code = "import os\nif 'KUBECONFIG' in os.environ:\n    raise RuntimeError('as I wrote it')"
    file = write(tmp_path, merged(VALUES, {"hub": {"extraConfig": {"mine": code}}}))
    done = z2jh("dev", "-f", file, "--state", tmp_path / "state", "--port", "18431")
    assert done.returncode == 2
    assert "as I wrote it" in done.stdout
    assert "hub ended with exit code 1" in done.stderr
    assert not list((tmp_path / "state" / "run").glob("hub.json"))
