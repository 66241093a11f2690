"""Report secrets in plain text in a file that git tracks."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from ...config.errors import Path, Problem
from ...config.sources import Source
from ...config.values import Values
from ...masking import HIDDEN, is_secret

# last names of keys that hold nothing but a secret
_NAME = re.compile(
    r"(?i)(password|passwd|client_?secret|secret_?token|cookie_?secret|crypto_?key|api_?token"
    r"|auth_?token|access_?token|private_?key|api_?key|secret_?access_?key|secret_?key)$"
)
_PATHS = (
    re.compile(r"proxy\.https\.manual\.key"),
    re.compile(r"hub\.config\.CryptKeeper\.keys(\.\d+)?"),
)
_URL = re.compile(r"\w+://[^:/@\s]*:\S+@")
# not a secret yet: a template, a reference, an encrypted value, a placeholder, nothing
_NOT_YET = re.compile(
    r"^(\s*|ENC\[.*|\$\{?.*|\{\{.*|<.*>|x+|\*+|change-?me.*|.*placeholder.*|(ref\+)?vault:.*"
    r"|ref\+.*|op://.*)$",
    re.IGNORECASE | re.DOTALL,
)


def findings(values: Values) -> Iterator[Problem]:
    """Yield a warning for each secret in a file that is committed."""
    for source in values.sources:
        secrets = list(_secrets(source.data, ())) if source.text else []
        if secrets and _is_committed(FilePath(source.file)):
            yield from (_plain(source, path) for path in secrets)


def _secrets(node: Any, path: Path) -> Iterator[Path]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _secrets(value, (*path, key))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _secrets(item, (*path, str(index)))
    elif isinstance(node, str) and not _NOT_YET.match(node) and _is_one(path, node):
        yield path


def _is_one(path: Path, text: str) -> bool:
    dotted = ".".join(path)
    if path[:1] != ("custom",) and path[1:2] != ("extraFiles",) and is_secret(path):
        # in free-form maps many names are ambiguous, so only the unambiguous ones are reported
        return "\n" not in text and (bool(_NAME.search(path[-1])) or is_secret(path[:-1]))
    return any(rule.fullmatch(dotted) for rule in _PATHS) or (
        path[-1] == "url" and bool(_URL.match(text))
    )


def _is_committed(file: FilePath) -> bool:
    """Return whether git tracks `file` in plain text; False without git."""
    if not file.is_file() or _git(file, "ls-files", "--error-unmatch") is None:
        return False
    # filters such as git-crypt encrypt the committed file and decrypt it here
    return (_git(file, "check-attr", "filter") or "").rstrip().endswith("unspecified")


def _git(file: FilePath, *command: str) -> str | None:
    """Return the output of a git command about `file`; None if it fails."""
    try:
        done = subprocess.run(
            ["git", *command, "--", file.name],
            cwd=file.absolute().parent,
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _plain(source: Source, path: Path) -> Problem:
    return Problem(
        ".".join(path),
        "this secret is in plain text in a file that git tracks, so everyone who can read the "
        "repository can read it",
        given=HIDDEN,
        expected="an encrypted file (sops, git-crypt), a file that is not committed, "
        "or hub.existingSecret",
        hint="remove it and replace the secret, because git keeps its history",
        origin=source.origin(path),
        severity="warning",
        rule="plain-secret",
    )
