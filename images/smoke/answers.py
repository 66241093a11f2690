"""Start a program in the container and wait until it responds."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence

DEADLINE = 90  # seconds


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def start_and_ask(command: Sequence[str], environment: Mapping[str, str], url: str) -> None:
    """Return once a GET of `url` succeeds; exit 1 if the program exits or is too slow."""
    program = subprocess.Popen(command, env=dict(environment), stderr=subprocess.STDOUT)
    deadline = time.monotonic() + DEADLINE
    try:
        while not answers(url):
            if program.poll() is not None:
                sys.exit(f"{command[0]} exited with {program.returncode}")
            if time.monotonic() > deadline:
                sys.exit(f"{url} does not answer after {DEADLINE} seconds")
            time.sleep(0.1)
    finally:
        program.terminate()
        program.wait(10)
