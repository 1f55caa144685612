"""Short questions that stories ask a world."""

from __future__ import annotations

from sqlalchemy import func, select

from mail_desk.demo import office
from mail_desk.demo.world import Got, World
from mail_desk.store.schema import EventRow, LetterRow, Message, TicketRow

GM = "gm@bearings.example"
STRANGER = "someone@elsewhere.example"


def row(world: World, number: str = "2026-0001") -> TicketRow:
    with world.daemon.store.read() as session:
        return session.scalars(select(TicketRow).where(TicketRow.number == number)).one()


def state(world: World, number: str = "2026-0001") -> str:
    return row(world, number).state


def tickets(world: World) -> int:
    with world.daemon.store.read() as session:
        return session.scalar(select(func.count(TicketRow.id))) or 0


def events(world: World, number: str = "2026-0001") -> list[str]:
    with world.daemon.store.read() as session:
        query = (
            select(EventRow.type)
            .join(TicketRow, TicketRow.id == EventRow.ticket_id)
            .where(TicketRow.number == number)
            .order_by(EventRow.seq)
        )
        return list(session.scalars(query))


def filed(world: World) -> list[str | None]:
    """Return how each message was filed, in order of arrival."""
    with world.daemon.store.read() as session:
        return list(session.scalars(select(Message.filed_as).order_by(Message.id)))


def letters(world: World, kind: str) -> list[LetterRow]:
    with world.daemon.store.read() as session:
        return list(session.scalars(select(LetterRow).where(LetterRow.kind == kind).order_by(LetterRow.id)))


def news(world: World, address: str, *, worklists: bool = False) -> list[str]:
    """Return the subjects somebody received, without tag, in order."""
    found = [got.subject.partition("] ")[2] or got.subject for got in world.inbox(address)]
    return [s for s in found if worklists or "工作清单" not in s]


async def complain(
    world: World, sender: str = GM, subject: str = "关于审批迟延的投诉", **more: object
) -> Got:
    """Have an enterprise complain, and return the handler's letter."""
    world.meet(sender)
    world.write(sender, subject, "您好：\n我公司的申请至今没有答复，请协调。\n", **more)  # type: ignore[arg-type]
    await world.work()
    return world.last(office.WANG, "请承办")


async def command(world: World, sender: str, to: Got, text: str) -> Got:
    """Have somebody answer a letter, and return the transcript."""
    world.reply(sender, to, text)
    await world.work()
    return world.inbox(sender)[-1]


def number_anew(world: World) -> None:
    """Have the (embedded) server number every folder anew: other UIDs under another UIDVALIDITY."""
    store = world.backing._servers.store  # type: ignore[attr-defined]
    with store.lock:
        for folder in store.user(world.desk).folders.values():
            folder.uidvalidity += 77_000
            for message in folder.messages:
                message.uid += 40
            folder.uidnext += 40
