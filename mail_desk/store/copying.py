"""Copy every table of one store into another, empty one; SQLite and PostgreSQL in any direction.

The copy is one consistent picture: it is read in one transaction, while the desk goes on working. Values pass
through the column types of `schema.py`, so both databases hold the same. Nothing is interpreted here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Connection, Engine, Table, bindparam, func, insert, select, text, update
from sqlalchemy.exc import SAWarning

from mail_desk.store.schema import Row

_ROWS = 200  # in memory at once
_BODIES = 20  # of tables that hold whole mails


class NotEmptyError(Exception):
    """The store to be filled holds something already."""


def tables() -> list[Table]:
    """Return every table, those that others point at first, as far as that is possible."""
    import warnings  # noqa: PLC0415  (only here)

    with warnings.catch_warnings():
        # Mails, tickets and letters point at each other: `_later` fills such columns in a second pass.
        warnings.simplefilter("ignore", SAWarning)
        return list(Row.metadata.sorted_tables)


def copy(source: Engine, target: Engine) -> dict[str, int]:
    """Copy all rows; return how many of each table. The target has the same tables, empty.

    Raises NotEmptyError before anything is written.
    """
    counts: dict[str, int] = {}
    snapshot = source.connect()
    if source.dialect.name == "postgresql":
        snapshot = snapshot.execution_options(isolation_level="REPEATABLE READ")
    with snapshot as reading, target.begin() as writing:
        _refuse_unless_empty(writing)
        done: set[str] = set()
        waiting: list[tuple[Table, list[Column[Any]]]] = []
        for table in tables():
            later = _later(table, done)
            counts[table.name] = _copy_table(reading, writing, table, later)
            done.add(table.name)
            if later:
                waiting.append((table, later))
        for table, later in waiting:
            _fill(reading, writing, table, later)
        _count_on(writing)
    return counts


def _refuse_unless_empty(writing: Connection) -> None:
    for table in tables():
        if writing.execute(select(func.count()).select_from(table)).scalar_one():
            raise NotEmptyError(table.name)


def _later(table: Table, done: set[str]) -> list[Column[Any]]:
    """Return the columns that point at rows not copied yet: of later tables, or of this very one."""
    return [c for c in table.columns if any(key.column.table.name not in done for key in c.foreign_keys)]


def _batches(reading: Connection, query: Any, size: int) -> Iterator[list[dict[str, Any]]]:  # noqa: ANN401 - a Select of any columns
    result = reading.execution_options(stream_results=True).execute(query)
    while rows := result.mappings().fetchmany(size):
        yield [dict(row) for row in rows]


def _copy_table(reading: Connection, writing: Connection, table: Table, later: list[Column[Any]]) -> int:
    count = 0
    size = _BODIES if any(c.name in ("raw", "body") for c in table.columns) else _ROWS
    for rows in _batches(reading, select(table), size):
        for row in rows:
            row.update((column.name, None) for column in later)
        writing.execute(insert(table), rows)
        count += len(rows)
    return count


def _fill(reading: Connection, writing: Connection, table: Table, later: list[Column[Any]]) -> None:
    """Set the columns that could not be set before the rows they point at were there."""
    keys = list(table.primary_key.columns)
    statement = update(table).values({c.name: bindparam(f"new_{c.name}") for c in later})
    for key in keys:
        statement = statement.where(key == bindparam(f"key_{key.name}"))
    for rows in _batches(reading, select(*keys, *later), _ROWS):
        filled = [
            {f"key_{k.name}": row[k.name] for k in keys} | {f"new_{c.name}": row[c.name] for c in later}
            for row in rows
            if any(row[c.name] is not None for c in later)
        ]
        if filled:
            writing.execute(statement, filled)


def _count_on(writing: Connection) -> None:
    """Let PostgreSQL's own counters go on after the copied rows."""
    if writing.dialect.name != "postgresql":
        return
    for table in tables():
        column = table.autoincrement_column
        if column is not None:
            series = writing.execute(
                text("SELECT pg_get_serial_sequence(:table, :column)"),
                {"table": table.name, "column": column.name},
            ).scalar()
            highest = writing.execute(select(func.max(column))).scalar()
            if series is not None and highest is not None:
                writing.execute(text("SELECT setval(:series, :value)"), {"series": series, "value": highest})
