"""What every command shares: the two consoles, the configuration, the store, errors said in one line."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError
from typer.core import TyperGroup

from mail_desk import config_files, operator_tables
from mail_desk.config import Settings
from mail_desk.daemon import default_url
from mail_desk.outbound.render import LabelError
from mail_desk.store.session import Store


class Commands(TyperGroup):
    """Says in one line what an operator can mend; what is left is a bug and shows its trace."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as click declares it
        try:
            return super().invoke(ctx)
        except LabelError as error:
            err.print(str(error), markup=False, highlight=False)
            raise typer.Exit(2) from error
        except DBAPIError as error:
            err.print(f"The store cannot be used: {error.orig}", markup=False, highlight=False)
            raise typer.Exit(1) from error
        except BrokenPipeError:  # `mail-desk tickets | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except OSError as error:
            err.print(f"{error.filename or ''}: {error.strerror or error}", markup=False, highlight=False)
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    help="A complaint desk that lives in a mailbox.",
    pretty_exceptions_enable=False,
)

out = Console(soft_wrap=not sys.stdout.isatty(), highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

ConfigDir = Annotated[
    Path,
    typer.Option("--config", "-c", envvar="MAIL_DESK_CONFIG", help="The configuration directory."),
]
DEFAULT_CONFIG = Path("config")


def settings_of(directory: Path) -> Settings:
    """Return the configuration; say each fault and end with exit code 2 where it has any."""
    loaded = config_files.load(directory)
    if isinstance(loaded, Settings):
        return loaded
    for violation in loaded:
        err.print(str(violation), markup=False, highlight=False)
    err.print(f"{len(loaded)} error(s) in {directory}; nothing was started.", markup=False)
    raise typer.Exit(2)


def store_of(settings: Settings) -> Store:
    """Return the store; end with exit code 1 where the desk has not run yet."""
    url = default_url(settings)
    if (
        url.startswith("sqlite")
        and not (settings.data_dir / "mail-desk.db").exists()
        and not settings.desk.store
    ):
        err.print(f"There is no store in {settings.data_dir} yet: the desk has not run here.", markup=False)
        raise typer.Exit(1)
    return Store(url, data_dir=settings.data_dir)


def show_table(table: Table | str) -> None:
    """Print a table: drawn on a terminal, tab-separated into a pipe."""
    if sys.stdout.isatty() or isinstance(table, str):
        out.print(table, markup=False) if isinstance(table, str) else out.print(table)
        return
    for line in operator_tables.plain(table):
        sys.stdout.write(line + "\n")
