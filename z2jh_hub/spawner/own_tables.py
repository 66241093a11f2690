"""Create the tables that this project adds to the hub's database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table


def ensure(db: Any, table: Table) -> None:
    """Create a table in the database of a session, if it is missing; looks for it only once."""
    if table.name not in db.info:
        table.create(db.connection(), checkfirst=True)
        db.commit()
        db.info[table.name] = True
