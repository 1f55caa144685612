"""Working days from the command line: which years are published, import, count."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from mail_desk.cli.terminal import DEFAULT_CONFIG, ConfigDir, err, out, settings_of
from mail_desk.clock import SystemClock
from mail_desk.schedule import calendar_files
from mail_desk.schedule.workdays import Calendar

calendar_app = typer.Typer(no_args_is_help=True, help="Working days: check, import, count.")


@calendar_app.command("check")
def calendar_check(config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Say which years are published and what is odd about them."""
    settings = settings_of(config)
    years = ", ".join(str(y.year) for y in settings.calendar)
    out.print(f"published: {years}", markup=False, highlight=False)
    today = SystemClock().now().astimezone(settings.desk.zone).date()
    found = calendar_files.check(settings.calendar, today)
    for line in found:
        err.print(line, markup=False, highlight=False)
    raise typer.Exit(1 if found else 0)


@calendar_app.command("import")
def calendar_import(
    year: int,
    config: ConfigDir = DEFAULT_CONFIG,
    source: Annotated[str, typer.Option(help="The notice it is taken from.")] = "",
) -> None:
    """Write calendar/cn-YEAR.toml from the data of two published libraries, where they agree."""
    imported = calendar_files.import_year(year, source)
    target = config / "calendar" / f"cn-{year}.toml"
    if imported.year is None:
        err.print(imported.text, markup=False)
        raise typer.Exit(1)
    if target.exists():
        err.print(f"{target} exists; it is not overwritten", markup=False)
        raise typer.Exit(1)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(imported.text, encoding="utf-8")
    out.print(str(target), markup=False, highlight=False)


@calendar_app.command("due")
def calendar_due(
    start: str,
    config: ConfigDir = DEFAULT_CONFIG,
    limit: Annotated[str, typer.Option(help="60wd working days, 30d days, 12m months")] = "60wd",
    explain: Annotated[bool, typer.Option("--explain", help="List every skipped day by name.")] = False,
    language: Annotated[str, typer.Option(help="zh or en")] = "zh",
) -> None:
    """Count a limit from a day, e.g. due 2026-11-23 --limit 60wd --explain."""
    try:
        day = date.fromisoformat(start)
    except ValueError as error:
        err.print(f"{start!r} is no date; expected e.g. 2026-11-23", markup=False)
        raise typer.Exit(2) from error
    if not calendar_files.understands(limit):
        err.print(
            f"{limit!r} is no limit; expected e.g. 60wd (working days), 30d (days) or 12m (months)",
            markup=False,
        )
        raise typer.Exit(2)
    calendar = Calendar(settings_of(config).calendar)
    chosen = "en" if language == "en" else "zh"
    text = calendar_files.due(calendar, day, limit, language=chosen, explained=explain)  # type: ignore[arg-type]
    out.print(text, markup=False, highlight=False)
