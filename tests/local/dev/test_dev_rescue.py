"""A really full home, rescued with a real JupyterLab, and the explanation of culling."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.dev import Dev, Person, until, z2jh


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a disk of one MiB at a directory, with its content."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0777", "home", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_full_home_is_reported_and_can_be_cleaned(dev: Dev) -> None:
    fay = Person(dev, "fay")
    fay.start()
    fay.stop()
    home = dev.state / "claims" / "default" / "claim-fay"
    with small_disk(home):
        (home / "thesis.txt").write_text("all of it")
        big = home / ".cache" / "big"
        big.parent.mkdir()
        with pytest.raises(OSError, match="No space left"):
            big.write_bytes(bytes(2 * 2**20))

        fay.ask_for()
        events = list(fay.progress())
        assert "(home-full)" in events[-1]["message"], events
        assert "/hub/spawn/fay?opt-rescue=true" in events[-1]["html_message"]

        until(lambda: not fay.model()["pending"], "the end of the failed start")
        answer = fay.get("hub/spawn/fay?opt-rescue=true")
        assert answer.status_code == 200, answer.text
        until(lambda: fay.servers().get("", {}).get("ready"), "the rescue server")
        assert fay.read("thesis.txt") == "all of it"
        assert fay.own("DELETE", "api/contents/.cache").status_code == 204
        assert not big.parent.exists()
        fay.write("more.txt", "there is room")
        fay.stop()
        fay.start()
        assert fay.read("more.txt") == "there is room"
        fay.stop()


def test_culling_is_explained_next_to_dev(dev: Dev) -> None:
    gus = Person(dev, "gus")
    gus.start()
    hub = f"http://localhost:{json.loads((dev.state / 'ports.json').read_text())['hub']}"
    token = gus.api("POST", "users/gus/tokens").json()["token"]
    done = z2jh(
        "cull", "explain", "--user", "gus", "-f", dev.file, "--hub-url", hub, "--token", token
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("gus's server is stopped at "), done.stdout
    assert "cull.timeout           idle for 3600 s: due" in done.stdout
    gus.stop()
