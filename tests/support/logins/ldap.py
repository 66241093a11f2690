"""A real LDAP server (OpenLDAP's slapd) with the people of `members`; tests skip without it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from ..hubs import free_port, wait_until
from .internet import Internet
from .members import MEMBERS, groups_at

SUFFIX = "dc=example,dc=edu"
PASSWORD = "a-password-of-the-directory"
#: of the entry that may look people up
READER_SECRET = "a-secret-of-the-directory"

CONFIG = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {folder}/pid
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
database mdb
suffix "{suffix}"
directory {folder}/data
rootdn "cn=admin,{suffix}"
access to attrs=userPassword by anonymous auth by * none
access to * by users read by * none
"""


def entries() -> str:
    """Return the directory as LDIF: people, groups and the reader."""
    people, groups = f"ou=people,{SUFFIX}", f"ou=groups,{SUFFIX}"
    parts = [
        f"dn: {SUFFIX}\nobjectClass: domain\ndc: example",
        f"dn: {people}\nobjectClass: organizationalUnit\nou: people",
        f"dn: {groups}\nobjectClass: organizationalUnit\nou: groups",
        f"dn: cn=reader,{SUFFIX}\nobjectClass: person\ncn: reader\nsn: reader\n"
        f"userPassword: {READER_SECRET}",
    ]
    members: dict[str, list[str]] = {}
    for name, member in MEMBERS.items():
        dn = f"uid={name},{people}"
        parts.append(
            f"dn: {dn}\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\nsn: {name}\n"
            f"mail: {member.email}\nuserPassword: {PASSWORD}"
        )
        for group in groups_at("ldap", member):
            members.setdefault(group, []).append(f"member: {dn}")
    for group, lines in members.items():
        name = group.partition(",")[0].removeprefix("cn=")
        parts.append(
            "\n".join([f"dn: {group}", "objectClass: groupOfNames", f"cn: {name}", *lines])
        )
    return "\n\n".join(parts) + "\n"


class Ldap:
    """slapd, which runs in the `with` block on `port` of 127.0.0.1."""

    def __init__(self, folder: Path, internet: Internet):
        self._program = shutil.which("slapd", path=f"{os.environ['PATH']}:/usr/sbin")
        if not self._program:
            pytest.skip("slapd is not installed")
        self.port, self.log = free_port(), folder / "slapd.log"
        self._config = folder / "slapd.conf"
        (folder / "data").mkdir()
        self._config.write_text(
            CONFIG.format(
                folder=folder, certificate=internet.certificate, key=internet.key, suffix=SUFFIX
            )
        )
        (folder / "entries.ldif").write_text(entries())
        slapadd = str(Path(self._program).with_name("slapadd"))
        done = subprocess.run(
            [slapadd, "-f", str(self._config), "-l", str(folder / "entries.ldif")],
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def __enter__(self) -> Ldap:
        command = [
            str(self._program),
            "-d",
            "0",
            "-f",
            str(self._config),
            "-h",
            f"ldap://127.0.0.1:{self.port}",
        ]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(self._answers, self.process, self.log)
        return self

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)
