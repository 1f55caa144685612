"""Who commands the desk, and how their mail proves who wrote it: `mail-desk staff list`, `mail-desk staff test`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from mail_desk.cli.terminal import DEFAULT_CONFIG, ConfigDir, app, err, out, settings_of, store_of
from mail_desk.clock import SystemClock
from mail_desk.daemon import rules_of
from mail_desk.desk import learned, staff_test
from mail_desk.desk.work import Work

staff_app = typer.Typer(no_args_is_help=True, help="Who commands the desk, and how their mail proves it.")
app.add_typer(staff_app, name="staff")


@staff_app.command("list")
def list_staff(config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Show each person's addresses, what their mail was found to prove, and what that means."""
    settings = settings_of(config)
    table = Table()
    for name in ("person", "role", "address", "last test", "proves itself by", "outward and deciding verbs"):
        table.add_column(name, overflow="fold")
    with store_of(settings).read() as session:
        work = Work(session, rules_of(settings), SystemClock().now())
        for person in work.people.person:
            for address in person.addresses:
                tested = learned.last_test(work, address)
                table.add_row(
                    f"{person.key} {person.name}",
                    person.role.value,
                    address,
                    f"{tested.at.astimezone(settings.desk.zone):%Y-%m-%d}" if tested is not None else "never",
                    ", ".join(tested.ways) or "nothing" if tested is not None else "?",
                    staff_test.means(settings.authority, address, tested),
                )
    out.print(table)


@staff_app.command("test")
def run_test(
    persons: Annotated[
        list[str] | None, typer.Argument(help="Keys of people.toml; without any: all.")
    ] = None,
    config: ConfigDir = DEFAULT_CONFIG,
) -> None:
    """Send a letter to each person; the answer shows how their mail proves who wrote it."""
    settings = settings_of(config)
    known = {person.key for person in settings.people.person}
    if wrong := sorted(set(persons or ()) - known):
        err.print(f"Nobody is called {', '.join(wrong)}. Known: {', '.join(sorted(known))}", markup=False)
        raise typer.Exit(2)
    with store_of(settings).decide() as session:
        sent = staff_test.send(
            Work(session, rules_of(settings), SystemClock().now()), persons or sorted(known)
        )
    for address in sent:
        out.print(f"a test letter goes to {address}", markup=False, highlight=False)
    out.print("The desk notes what their answers prove: mail-desk staff list", markup=False)
