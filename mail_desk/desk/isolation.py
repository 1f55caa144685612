"""One thing that fails never stops the next: savepoints around single steps of the desk's loops.

For faults nobody expected (a template that breaks, a defect): what the step wrote is rolled back, the
operator is told once a day, the caller goes on. A store that is away is no step's fault and is raised.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from mail_desk.desk import alarms
from mail_desk.desk.work import Work
from mail_desk.store.session import StoreUnavailable

log = structlog.get_logger()


def attempt(work: Work, step: Callable[..., object], *given: object) -> Exception | None:
    """Call `step(work, *given)` in a savepoint; return what it failed of. It has a `Work` of its own to spoil."""
    try:
        with work.session.begin_nested():
            step(Work(work.session, work.rules, work.now, origin=work.origin), *given)
    except StoreUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the next step must go on
        return error
    return None


def report(work: Work, key: str, what: str, error: Exception) -> None:
    """Log a failed step with its trace, and tell the operator once a day for each `key`."""
    log.error("step failed", action="put-off", key=key, what=what, exc_info=error)
    zh = work.settings.desk.staff_language == "zh"
    title = f"一项工作未能完成：{what}" if zh else f"A step of work failed: {what}"
    detail = f"{type(error).__name__}: {error}"
    failed = attempt(work, alarms.raise_alarm, key, title, title, detail)
    if failed is not None:
        log.error("alarm cannot be written", action="alarm", key=key, exc_info=failed)
