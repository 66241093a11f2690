"""Back up, check, upgrade and restore the hub's database.

schema    which version the database has, and which one this JupyterHub wants
backups   the files that were kept, by name
sqlite, servers   how each kind of database is copied, checked and put back
upgrade, restore, verify   what an administrator asks for

A backup is consistent while the hub writes. Passwords travel in the environment of the
database's own programs: never on a command line, in a log or in an error.
"""

from __future__ import annotations
