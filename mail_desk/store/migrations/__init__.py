"""Alembic migrations: `upgrade` brings a store to the newest revision, in one transaction.

Revisions are written by `python -m mail_desk.store.migrations "what changes"`, which compares the
tables of `schema.py` with an empty store at the newest revision; read and correct what it wrote. A
test fails while the revisions and `schema.py` differ. A released revision is never edited.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

_ADVISORY_LOCK = 0x6D61696C  # any fixed number: two daemons starting at once migrate in turn


def config(connection: Connection) -> Config:
    """Return Alembic's settings, bound to an open connection."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def upgrade(engine: Engine) -> None:
    """Apply what is missing. All or nothing: both databases have transactional DDL."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
        command.upgrade(config(connection), "head")
