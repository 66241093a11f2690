"""Back up, check, upgrade and restore the hub's database.

chores            the commands: back up, verify, upgrade and restore
schema            the version of the database's schema, and the one that this JupyterHub needs
backups           the backup files in a directory
sqlite, servers   how each type of database is copied, verified and restored

A backup is consistent even if the hub writes at the same time. The database's own programs get
passwords in their environment; passwords never appear on a command line, in a log or in an error.
"""

from __future__ import annotations
