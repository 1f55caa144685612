"""Starts `mail-desk` processes quickly, to be killed: the imports are done once, then it forks.

    python desk_process.py <orders >answers

Each order is a line of JSON: `arguments` of the command line, `environment`, `log` (a file for its
output) and `now` (what its clock shows at its start). The answers are its process id and, when it has
ended, its exit code: negative for a signal.

In the environment, `TEST_PATIENCE` is how many seconds one mail may take, `TEST_TICK` how many lie between
two looks at the moments, `TEST_STEP` a file that holds by how many seconds somebody has set the machine's
clock forward (or back) meanwhile.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mail_desk import cli, clock, daemon, faults
from mail_desk.inbound import patience


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(order)
        print(child, flush=True)  # noqa: T201 - the answer
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201 - the answer


def _become(order: dict[str, Any]) -> None:
    """Be a process that was started with these arguments and this environment."""
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, target)
    os.environ.update(order["environment"])
    importlib.reload(faults)
    patience.SECONDS = float(order["environment"].get("TEST_PATIENCE", patience.SECONDS))
    began, real = datetime.fromisoformat(order["now"]), datetime.now(UTC)
    daemon.TICK = float(order["environment"].get("TEST_TICK", daemon.TICK))
    step = Path(order["environment"].get("TEST_STEP", os.devnull))

    def now(self: clock.SystemClock) -> datetime:
        stepped = timedelta(seconds=float(step.read_text(encoding="ascii") or 0))
        return began + (datetime.now(UTC) - real) + stepped

    clock.SystemClock.now = now  # type: ignore[method-assign]
    sys.argv = ["mail-desk", *order["arguments"]]
    code: object = 1
    try:
        cli.main()
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:  # noqa: BLE001 - the process ends here, with its trace in the log
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)  # never back into the loop


if __name__ == "__main__":
    main()
