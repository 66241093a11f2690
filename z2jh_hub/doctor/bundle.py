"""Write what the doctor read as an archive for support, without secrets."""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from ..chores import ChoreError
from . import formats
from .findings import Report
from .redaction import Redaction
from .snapshot import Snapshot

MODE = 0o600
FOLDER = "z2jh-doctor"
# pods of other namespaces concern other people
LEFT_OUT = frozenset({"allpods"})

HIDES = """\
Hidden: values of environment variables and headers, arguments of commands, annotations of other
programs, options of volumes, and whatever has the name or the looks of a secret. Not hidden: names
of users, hosts, images and nodes, and addresses.
"""
README = """\
Support archive of z2jh doctor, {now:%Y-%m-%d %H:%M} UTC
Release {release} in the namespace {namespace}

report.txt, report.json  what is wrong, as the command printed it
version.json             the version of Kubernetes
namespace.json           the labels of the namespace
objects/KIND.json        the objects of the namespace, nodes and classes; of Secrets only the names
logs/POD.txt             the end of the log of the hub

{hides}"""


def contents(report: Report, snapshot: Snapshot) -> dict[str, bytes]:
    """Return the files of the archive by their names."""
    redaction = Redaction(snapshot)
    readme = README.format(
        hides=HIDES, now=snapshot.now, release=snapshot.release, namespace=snapshot.namespace
    )
    files = {
        "README.txt": readme,
        "report.txt": redaction.text(formats.text(report)),
        "report.json": redaction.json(asdict(report)),
        "version.json": redaction.json(snapshot.version),
        "namespace.json": redaction.json({"labels": snapshot.labels}),
        **{
            f"objects/{kind}.json": redaction.objects(kind, items)
            for kind, items in sorted(snapshot.objects.items())
            if kind not in LEFT_OUT
        },
        **{f"logs/{_file_name(pod)}.txt": redaction.text(log)
           for pod, log in sorted(snapshot.logs.items())},
    }  # fmt: skip
    return {name: text.encode() for name, text in files.items()}


def _file_name(pod: str) -> str:
    """Return the name of a pod as a file name; a cluster may answer anything."""
    return "".join(letter if letter.isalnum() or letter in "-." else "_" for letter in pod)


def write(file: Path, files: Mapping[str, bytes], snapshot: Snapshot) -> None:
    """Write the archive to a new file that only its owner may read. Raises ChoreError."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    except FileExistsError:
        raise ChoreError(f"{file} exists; choose another file for the archive") from None
    except OSError as error:
        raise ChoreError(f"{file} cannot be written: {error.strerror}") from None
    try:
        with (
            os.fdopen(descriptor, "wb") as opened,
            tarfile.open(fileobj=opened, mode="w:gz") as tar,
        ):
            for name, data in files.items():
                tar.addfile(_member(name, data, snapshot), io.BytesIO(data))
    except OSError as error:
        with contextlib.suppress(OSError):
            file.unlink()
        raise ChoreError(f"{file} cannot be written: {error.strerror}") from None


def _member(name: str, data: bytes, snapshot: Snapshot) -> tarfile.TarInfo:
    member = tarfile.TarInfo(f"{FOLDER}/{name}")
    member.size, member.mode, member.mtime = len(data), MODE, int(snapshot.now.timestamp())
    return member


def check_new(file: Path) -> None:
    """Raise ChoreError if the archive cannot be written there, before the cluster is read."""
    if file.exists() or file.is_symlink():
        raise ChoreError(f"{file} exists; choose another file for the archive")
    if not file.parent.is_dir():
        raise ChoreError(f"the directory {file.parent} does not exist")
