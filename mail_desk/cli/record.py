"""The record from the command line: is it unchanged, keep a copy, bring a copy back."""

from __future__ import annotations

from typing import Annotated

import typer

from mail_desk.cli.terminal import DEFAULT_CONFIG, ConfigDir, app, err, out, settings_of, store_of
from mail_desk.store import seals, verification


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
