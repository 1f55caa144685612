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
from typing import Annotated

import typer

from mail_desk import __version__, config_files, inspection, logs, operator_dates, operator_tables
from mail_desk.cli import record as record  # registers its commands
from mail_desk.cli import staff as staff
from mail_desk.cli.calendar import calendar_app
from mail_desk.cli.terminal import DEFAULT_CONFIG, ConfigDir, err, out, settings_of, show_table, store_of
from mail_desk.cli.terminal import app as app
from mail_desk.clock import SystemClock
from mail_desk.config import Settings
from mail_desk.daemon import Daemon, rules_of
from mail_desk.desk.work import Work
from mail_desk.inbound import patience
from mail_desk.outbound import official
from mail_desk.schedule import calendar_files
from mail_desk.store.session import StoreLockedError
from mail_desk.tickets import soundness


def _version(value: bool) -> None:
    if value:
        out.print(f"mail-desk {__version__}")
        raise typer.Exit


app.add_typer(calendar_app, name="calendar")


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
    settings = settings_of(config)
    rules = rules_of(settings)
    problems = [f"templates: {line}" for line in rules.renderer.check()]
    forms = [form.key for procedure in rules.procedures.values() for form in procedure.forms]
    problems += [f"notices: {line}" for line in official.check(settings.template_dirs, forms)]
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
    settings = settings_of(config)
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
    settings = settings_of(config)
    with store_of(settings).read() as session:
        table = operator_tables.tickets(session, rules_of(settings), everything=everything, handler=handler)
    show_table(table)


@app.command()
def show(
    number: str,
    config: ConfigDir = DEFAULT_CONFIG,
    dates: Annotated[
        bool, typer.Option("--dates", help="Explain every date: start, rule, what was not counted, law.")
    ] = False,
) -> None:
    """Show one ticket: its events, letters and dates."""
    settings = settings_of(config)
    if dates:
        with store_of(settings).read() as session:
            text = operator_dates.explained(Work(session, rules_of(settings), SystemClock().now()), number)
        if text is None:
            err.print(f"There is no ticket {number}.", markup=False)
            raise typer.Exit(1)
        out.print(text, markup=False, highlight=False)
        return
    with store_of(settings).read() as session:
        tables = operator_tables.ticket(session, rules_of(settings), number, SystemClock().now())
    if not tables:
        err.print(f"There is no ticket {number}.", markup=False)
        raise typer.Exit(1)
    for table in tables:
        show_table(table)


@app.command()
def queue(config: ConfigDir = DEFAULT_CONFIG) -> None:
    """List letters that have not left."""
    settings = settings_of(config)
    with store_of(settings).read() as session:
        show_table(operator_tables.queue(session, settings))


@app.command()
def status(
    config: ConfigDir = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="For monitoring.")] = False,
) -> None:
    """Say whether the desk is well; exit code 1 with reasons where it is not."""
    from mail_desk.status import collect  # noqa: PLC0415 - keeps the start of other commands quick

    settings = settings_of(config)
    with store_of(settings).read() as session:
        found = collect(session, settings, SystemClock().now())
    if as_json:
        report = {"healthy": found.healthy, "reasons": found.reasons, **found.figures}
        sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    else:
        show_table(operator_tables.status(found))
    raise typer.Exit(0 if found.healthy else 1)


@app.command()
def digest(
    key: Annotated[str | None, typer.Argument(help="Key of digests.toml; default: the first.")] = None,
    config: ConfigDir = DEFAULT_CONFIG,
    send: Annotated[bool, typer.Option("--send/--print", help="Queue it, or only print the text.")] = False,
) -> None:
    """Compose the inspection summary of the last full period now."""
    settings = settings_of(config)
    known = {d.key: d for d in settings.digests.digest}
    chosen = known.get(key) if key else next(iter(known.values()), None)
    if chosen is None:
        err.print(
            f"digests.toml has no digest {key!r}; expected one of {', '.join(known) or '(none)'}",
            markup=False,
        )
        raise typer.Exit(2)
    for text in operator_tables.digest(
        store_of(settings), rules_of(settings), chosen, SystemClock().now(), send=send
    ):
        out.print(text, markup=False, highlight=False)


@app.command()
def adopt(
    references: Annotated[list[str], typer.Argument(help="Mails from before the desk, e.g. M12 M15.")],
    config: ConfigDir = DEFAULT_CONFIG,
) -> None:
    """Make mails from before the desk into tickets, with their true dates of arrival."""
    settings = settings_of(config)
    wrong = 0
    for line, fine in operator_tables.adopt(store_of(settings), references):
        (out if fine else err).print(line, markup=False)
        wrong += not fine
    raise typer.Exit(1 if wrong else 0)


@app.command()
def preview(
    config: ConfigDir = DEFAULT_CONFIG,
    to: Annotated[Path, typer.Option("--out", help="The HTML file to write.")] = Path("preview.html"),
) -> None:
    """Write every letter in every language, with sample data, into one HTML page."""
    from mail_desk.outbound.preview import gallery  # noqa: PLC0415 - the samples are needed here only

    rules = rules_of(settings_of(config))
    to.write_text(gallery(rules.renderer), encoding="utf-8")
    out.print(f"{to}", markup=False, highlight=False)


def main() -> None:
    """Run the command line."""
    patience.enable()
    app()
