"""The operator's commands: thin. Each calls, prints, and says by its exit code how it went.

Exit codes: 0 fine, 1 something is wrong (said on standard error), 2 the configuration or the command
line is.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError
from typer.core import TyperGroup

from mail_desk import __version__, config_files, inspection, logs, operator_tables
from mail_desk.clock import SystemClock
from mail_desk.config import Settings
from mail_desk.daemon import Daemon, default_url, rules_of
from mail_desk.inbound import patience
from mail_desk.outbound.render import LabelError
from mail_desk.schedule import calendar_files
from mail_desk.schedule.workdays import Calendar
from mail_desk.store import seals, verification
from mail_desk.store.session import Store, StoreLockedError
from mail_desk.tickets import soundness


class _Commands(TyperGroup):
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
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    help="A complaint desk that lives in a mailbox.",
    pretty_exceptions_enable=False,
)
calendar_app = typer.Typer(no_args_is_help=True, help="Working days: check, import, count.")
app.add_typer(calendar_app, name="calendar")

out = Console(soft_wrap=not sys.stdout.isatty(), highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

ConfigDir = Annotated[
    Path,
    typer.Option("--config", "-c", envvar="MAIL_DESK_CONFIG", help="The configuration directory."),
]
DEFAULT_CONFIG = Path("config")


def _settings(directory: Path) -> Settings:
    loaded = config_files.load(directory)
    if isinstance(loaded, Settings):
        return loaded
    for violation in loaded:
        err.print(str(violation), markup=False, highlight=False)
    err.print(f"{len(loaded)} error(s) in {directory}; nothing was started.", markup=False)
    raise typer.Exit(2)


def _store(settings: Settings) -> Store:
    url = default_url(settings)
    if (
        url.startswith("sqlite")
        and not (settings.data_dir / "mail-desk.db").exists()
        and not settings.desk.store
    ):
        err.print(f"There is no store in {settings.data_dir} yet: the desk has not run here.", markup=False)
        raise typer.Exit(1)
    return Store(url, data_dir=settings.data_dir)


def _version(value: bool) -> None:
    if value:
        out.print(f"mail-desk {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error")] = "info",
) -> None:
    del version
    logs.configure(level=log_level)


@app.command()
def init(directory: Annotated[Path, typer.Argument(help="Where to write it.")] = DEFAULT_CONFIG) -> None:
    """Write a complete, commented configuration to start from. Overwrites nothing."""
    written = config_files.init(directory)
    for path in written:
        out.print(str(path), markup=False, highlight=False)
    out.print(
        f"{len(written)} file(s) written. Now edit desk.toml, people.toml and routing.toml, then run: "
        f"mail-desk check --config {directory}",
        markup=False,
    )


@app.command()
def check(config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Validate the configuration without connecting anywhere."""
    settings = _settings(config)
    rules = rules_of(settings)
    problems = [f"templates: {line}" for line in rules.renderer.check()]
    for key, procedure in rules.procedures.items():
        problems += [f"procedures/{key}.toml: {line}" for line in soundness.soundness(procedure)]
    for account in settings.account:
        try:
            config_files.secret(account.secret, os.environ)
        except config_files.SecretError as error:
            err.print(f"warning: account {account.name}: {error}", markup=False, highlight=False)
    today = SystemClock().now().astimezone(settings.desk.zone).date()
    for warning in _warnings(settings, today):
        err.print(f"warning: {warning}", markup=False, highlight=False)
    for problem in problems:
        err.print(problem, markup=False, highlight=False)
    if problems:
        raise typer.Exit(2)
    out.print(
        f"{config}: fine ({len(settings.people.person)} persons, {len(settings.enterprises)} enterprises, "
        f"{len(settings.account)} account(s), outward = {settings.desk.outward})",
        markup=False,
    )


def _warnings(settings: Settings, today: date) -> list[str]:
    """Return what is odd, once: a missing calendar is known to both the directory and the calendar."""
    found = list(config_files.warnings(settings, today))
    for line in calendar_files.check(settings.calendar, today):
        file = line.partition(" ")[0]
        if "is missing" not in line or not any(f"{file} is missing" in said for said in found):
            found.append(line)
    return found


@app.command()
def run(
    config: ConfigDir = DEFAULT_CONFIG,
    once: Annotated[
        bool, typer.Option("--once", help="Drain mailbox, moments and outbox, then end (for cron).")
    ] = False,
) -> None:
    """Work: read the mailbox, keep the limits, send the letters."""
    settings = _settings(config)
    daemon = Daemon(settings, SystemClock())
    try:
        daemon.open()
    except StoreLockedError as error:
        err.print(f"Not started: {error}.", markup=False)
        raise typer.Exit(1) from error
    raise typer.Exit(asyncio.run(_work(daemon, once=once)))


async def _work(daemon: Daemon, *, once: bool) -> int:
    try:
        if not once:
            await daemon.run()
            return 0
        drained = await daemon.once()
        out.print(
            f"{drained.messages} message(s), {drained.moments} moment(s), {drained.letters} letter(s) sent",
            markup=False,
        )
        for problem in drained.problems:
            err.print(problem, markup=False, highlight=False)
        return 1 if drained.problems else 0
    finally:
        await daemon.close()


@app.command()
def demo(
    out_dir: Annotated[Path, typer.Option("--out", help="Where the gallery is written.")] = Path("demo-out"),
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave servers and desk up, and say how to connect a mail client.")
    ] = False,
) -> None:
    """Play several weeks of a pretend office: no account, no server, under a minute."""
    from mail_desk.demo.play import play  # noqa: PLC0415 - the servers are needed here only

    logs.configure(level="error")
    raise typer.Exit(asyncio.run(play(out, out_dir, keep=keep)))


@app.command()
def inspect(
    files: Annotated[list[str] | None, typer.Argument(help="Message files; - for standard input.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    body: Annotated[str | None, typer.Option(help="The files hold a bare body: text or html.")] = None,
    jobs: Annotated[int | None, typer.Option(help="Processes; default: all cores.")] = None,
) -> None:
    """Say what the desk reads in a message, and what it would do."""
    if body not in (None, "text", "html"):
        err.print("--body expects text or html", markup=False)
        raise typer.Exit(2)
    raise typer.Exit(inspection.run(files or ["-"], as_json=as_json, body=body, jobs=jobs))  # type: ignore[arg-type]


@app.command()
def tickets(
    config: ConfigDir = DEFAULT_CONFIG,
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    handler: Annotated[str | None, typer.Option(help="Only of this person (key).")] = None,
) -> None:
    """List tickets."""
    settings = _settings(config)
    with _store(settings).read() as session:
        table = operator_tables.tickets(session, rules_of(settings), everything=everything, handler=handler)
    _print(table)


@app.command()
def show(number: str, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Show one ticket: its events, letters and dates."""
    settings = _settings(config)
    with _store(settings).read() as session:
        tables = operator_tables.ticket(session, rules_of(settings), number, SystemClock().now())
    if not tables:
        err.print(f"There is no ticket {number}.", markup=False)
        raise typer.Exit(1)
    for table in tables:
        _print(table)


@app.command()
def queue(config: ConfigDir = DEFAULT_CONFIG) -> None:
    """List letters that have not left."""
    settings = _settings(config)
    with _store(settings).read() as session:
        _print(operator_tables.queue(session, settings))


@app.command()
def status(
    config: ConfigDir = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="For monitoring.")] = False,
) -> None:
    """Say whether the desk is well; exit code 1 with reasons where it is not."""
    from mail_desk.status import collect  # noqa: PLC0415 - keeps the start of other commands quick

    settings = _settings(config)
    with _store(settings).read() as session:
        found = collect(session, settings, SystemClock().now())
    if as_json:
        report = {"healthy": found.healthy, "reasons": found.reasons, **found.figures}
        sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    else:
        _print(operator_tables.status(found))
    raise typer.Exit(0 if found.healthy else 1)


@app.command()
def digest(
    key: Annotated[str | None, typer.Argument(help="Key of digests.toml; default: the first.")] = None,
    config: ConfigDir = DEFAULT_CONFIG,
    send: Annotated[bool, typer.Option("--send/--print", help="Queue it, or only print the text.")] = False,
) -> None:
    """Compose the inspection summary of the last full period now."""
    settings = _settings(config)
    known = {d.key: d for d in settings.digests.digest}
    chosen = known.get(key) if key else next(iter(known.values()), None)
    if chosen is None:
        err.print(
            f"digests.toml has no digest {key!r}; expected one of {', '.join(known) or '(none)'}",
            markup=False,
        )
        raise typer.Exit(2)
    for text in operator_tables.digest(
        _store(settings), rules_of(settings), chosen, SystemClock().now(), send=send
    ):
        out.print(text, markup=False, highlight=False)


@app.command()
def adopt(
    references: Annotated[list[str], typer.Argument(help="Mails from before the desk, e.g. M12 M15.")],
    config: ConfigDir = DEFAULT_CONFIG,
) -> None:
    """Make mails from before the desk into tickets, with their true dates of arrival."""
    settings = _settings(config)
    wrong = 0
    for line, fine in operator_tables.adopt(_store(settings), references):
        (out if fine else err).print(line, markup=False)
        wrong += not fine
    raise typer.Exit(1 if wrong else 0)


@app.command()
def verify(
    config: ConfigDir = DEFAULT_CONFIG,
    head: Annotated[
        str, typer.Option(help="The record head a digest printed, whole or its first digits.")
    ] = "",
) -> None:
    """Check every chain, text, mail and letter of the record, and the day's seals over them."""
    if head and not (len(head) >= seals.SHORTEST and set(head.lower()) <= set("0123456789abcdef")):
        err.print(f"--head expects at least {seals.SHORTEST} of a digest's digits 0-9 a-f", markup=False)
        raise typer.Exit(2)
    settings = _settings(config)
    with _store(settings).read() as session:
        found = verification.verify(session, settings.data_dir / "raw", wanted=head)
    for line in found.broken:
        err.print(line, markup=False, highlight=False)
    out.print(f"{found.tickets} ticket(s), {found.events} event(s) checked", markup=False)
    if found.head_day:
        out.print(f"the record up to {found.head_day} is as it was when that head was printed", markup=False)
    out.print(f"head {found.head or '(no day is sealed yet)'}", markup=False, highlight=False)
    raise typer.Exit(1 if found.broken else 0)


@app.command()
def preview(
    config: ConfigDir = DEFAULT_CONFIG,
    to: Annotated[Path, typer.Option("--out", help="The HTML file to write.")] = Path("preview.html"),
) -> None:
    """Write every letter in every language, with sample data, into one HTML page."""
    from mail_desk.outbound.preview import gallery  # noqa: PLC0415 - the samples are needed here only

    rules = rules_of(_settings(config))
    to.write_text(gallery(rules.renderer), encoding="utf-8")
    out.print(f"{to}", markup=False, highlight=False)


@calendar_app.command("check")
def calendar_check(config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Say which years are published and what is odd about them."""
    settings = _settings(config)
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
    calendar = Calendar(_settings(config).calendar)
    chosen = "en" if language == "en" else "zh"
    text = calendar_files.due(calendar, day, limit, language=chosen, explained=explain)  # type: ignore[arg-type]
    out.print(text, markup=False, highlight=False)


def _print(table: Table | str) -> None:
    if sys.stdout.isatty() or isinstance(table, str):
        out.print(table, markup=False) if isinstance(table, str) else out.print(table)
        return
    for line in operator_tables.plain(table):
        sys.stdout.write(line + "\n")


def main() -> None:
    """Run the command line."""
    patience.enable()
    app()
