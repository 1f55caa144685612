"""The record from the command line: is it unchanged, keep a copy, bring a copy back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mail_desk import archive as archives
from mail_desk.cli.terminal import DEFAULT_CONFIG, ConfigDir, app, err, out, settings_of, store_of
from mail_desk.clock import SystemClock
from mail_desk.daemon import default_url, rules_of
from mail_desk.desk import register as registers
from mail_desk.desk import settings_changes
from mail_desk.store import backup as backups
from mail_desk.store import desk_chain, ledger, seals, verification
from mail_desk.store.session import Store, StoreLockedError


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
    settings = settings_of(config)
    with store_of(settings).read() as session:
        found = verification.verify(session, settings.data_dir / "raw", wanted=head)
    for line in found.broken:
        err.print(line, markup=False, highlight=False)
    out.print(f"{found.tickets} ticket(s), {found.events} event(s) checked", markup=False)
    if found.head_day:
        out.print(f"the record up to {found.head_day} is as it was when that head was printed", markup=False)
    out.print(f"head {found.head or '(no day is sealed yet)'}", markup=False, highlight=False)
    raise typer.Exit(1 if found.broken else 0)


@app.command()
def changes(config: ConfigDir = DEFAULT_CONFIG) -> None:
    """List every change of the settings, the staff and the ledger of enterprises: when, by whom, what."""
    settings = settings_of(config)
    with store_of(settings).read() as session:
        rows = [
            (row.at.astimezone(settings.desk.zone), row.actor, row.cause, settings_changes.in_a_line(row))
            for row in desk_chain.events(session)
        ]
    for at, actor, cause, said in rows:
        out.print(f"{at:%Y-%m-%d %H:%M}\t{actor}\t{cause}\t{said}", markup=False, highlight=False)


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="The directory to write; it must not exist.")],
    config: ConfigDir = DEFAULT_CONFIG,
) -> None:
    """Copy the whole desk, while it works, into a directory, and verify the copy."""
    settings = settings_of(config)
    store = store_of(settings)
    try:
        secret = [account.secret.file for account in settings.account if account.secret.file is not None]
        kept = backups.write(store, settings.data_dir / "raw", config, target, secret=secret)
    except backups.BackupError as error:
        err.print(f"No backup: {error}.", markup=False, highlight=False)
        raise typer.Exit(1) from error
    finally:
        store.close()
    _say(kept)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A directory that `backup` wrote.")],
    config: ConfigDir = DEFAULT_CONFIG,
    check: Annotated[bool, typer.Option("--check", help="Only say whether the backup is whole.")] = False,
) -> None:
    """Bring a backup into an empty store; the desk goes on from there."""
    if check:
        broken = backups.check(source)
        for line in broken:
            err.print(line, markup=False, highlight=False)
        out.print(f"{source}: {'damaged' if broken else 'whole'}", markup=False, highlight=False)
        raise typer.Exit(1 if broken else 0)
    settings = settings_of(config)
    store = Store(default_url(settings), data_dir=settings.data_dir)
    try:
        store.lock()
        kept = backups.restore(source, store, settings.data_dir / "raw", SystemClock().now())
    except (backups.BackupError, StoreLockedError) as error:
        err.print(f"Nothing was restored: {error}.", markup=False, highlight=False)
        raise typer.Exit(1) from error
    finally:
        store.close()
    _say(kept)


@app.command("new-key")
def new_key(config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Renew the secret of the letters' keys, as after a backup was stolen; letters already sent can be answered on."""
    settings = settings_of(config)
    with store_of(settings).write() as session:
        ledger.renew_token_key(session, SystemClock().now())
    out.print(
        "Letters from now on carry keys of a new secret; those already sent can be answered as before. "
        "Take a backup now: an older one brings the old secret back.",
        markup=False,
    )


def _say(kept: backups.Kept) -> None:
    out.print(
        f"{kept.directory}: {kept.tickets} ticket(s), {kept.messages} message(s), {kept.letters} letter(s), "
        f"{kept.files} large file(s); verified",
        markup=False,
        highlight=False,
    )
    out.print(f"head {kept.head or '(no day is sealed yet)'}", markup=False, highlight=False)


@app.command()
def archive(
    year: Annotated[int, typer.Option(help="The year in which the tickets were closed.")],
    config: ConfigDir = DEFAULT_CONFIG,
    to: Annotated[
        Path | None,
        typer.Option("--out", help="The directory to write; it must be empty. Default: archive-YEAR."),
    ] = None,
) -> None:
    """Write a year's self-contained archive: dossiers, originals, notices, index, chains and a verifier."""
    settings = settings_of(config)
    target = to or Path(f"archive-{year}")
    with store_of(settings).read() as session:
        try:
            made = archives.write(session, rules_of(settings), year, target, SystemClock().now())
        except archives.ArchiveError as error:
            err.print(f"No archive: {error}.", markup=False, highlight=False)
            raise typer.Exit(1) from error
    out.print(
        f"{made.directory}: {made.tickets} ticket(s); {made.still_open} still open at the year's end",
        markup=False,
    )
    out.print(f"manifest sha256 {made.manifest}  (keep it apart)", markup=False, highlight=False)
    out.print(f"check it: python3 {made.directory / 'verify.py'}", markup=False, highlight=False)


@app.command()
def register(
    config: ConfigDir = DEFAULT_CONFIG,
    year: Annotated[int | None, typer.Option(help="Only numbers of this year.")] = None,
) -> None:
    """List every number of every formal notice, with what became of it; exit code 1 where one is missing."""
    settings = settings_of(config)
    with store_of(settings).read() as session:
        entries, gaps = registers.entries(session, year), registers.gaps(session)
    zone = settings.desk.zone
    for entry in entries:
        state = registers.STATES[entry.state][1]
        day = entry.at.astimezone(zone).date()
        out.print(
            f"{entry.series}\t{entry.n}\t{entry.number}\t{entry.ticket}\t{day}\t{state}",
            markup=False,
            highlight=False,
        )
    for gap in gaps:
        err.print(f"missing: {gap}", markup=False, highlight=False)
    raise typer.Exit(1 if gaps else 0)
