"""Write a new revision from the difference between `schema.py` and the newest revision."""

from __future__ import annotations

import sys

from alembic import command
from sqlalchemy import create_engine

from mail_desk.store import migrations

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit('usage: python -m mail_desk.store.migrations "what changes"')
    with create_engine("sqlite://").connect() as connection:
        command.upgrade(migrations.config(connection), "head")
        command.revision(migrations.config(connection), sys.argv[1], autogenerate=True)
