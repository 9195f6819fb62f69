"""A feature small enough to read at a glance: the conversation engine is tested with it, over the real webhook."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app.dialogue import Ask, Chat, Choose, Confirm, Offer, Say, Tell
from app.feature import Feature
from models.base import Base, Instant
from models.identity import Actor
from models.refusal import Refusal


class ToyService(Base):
    __tablename__ = "toy_service"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    open: Mapped[bool] = mapped_column(default=True)

    def free_slots(self) -> Select["ToySlot"]:
        taken = select(ToyBooking.slot_id).where(ToyBooking.live.is_not(None))
        return (
            select(ToySlot)
            .where(ToySlot.service_id == self.id, ToySlot.id.not_in(taken))
            .order_by(ToySlot.starts)
        )


class ToySlot(Base):
    __tablename__ = "toy_slot"

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("toy_service.id"))
    starts: Mapped[datetime] = mapped_column(Instant)
    window: Mapped[int] = mapped_column(default=2)


class ToyBooking(Base):
    __tablename__ = "toy_booking"
    __table_args__ = (UniqueConstraint("slot_id", "live"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("toy_slot.id"))
    live: Mapped[int | None] = mapped_column(default=1)
    helped: Mapped[str | None]


class ToyForm(Base):
    __tablename__ = "toy_form"

    id: Mapped[int] = mapped_column(primary_key=True)
    facts: Mapped[str]


chat = Chat("toy")


def book_slot(by: Actor, slot: ToySlot) -> ToyBooking:
    by.session.execute(select(ToySlot.id).where(ToySlot.id == slot.id).with_for_update())
    if by.session.scalar(select(ToyBooking.id).where(ToyBooking.slot_id == slot.id, ToyBooking.live == 1)):
        service = by.session.get_one(ToyService, slot.service_id)
        near = by.session.scalars(service.free_slots().limit(2)).all()
        raise Refusal("toy.slot_taken", slot=slot, instead=near)
    booking = ToyBooking(slot_id=slot.id, helped=by.helped.name if by.helped else None)
    by.session.add(booking)
    by.session.flush()
    return booking


def open_services() -> Select[ToyService]:
    return select(ToyService).where(ToyService.open).order_by(ToyService.id)


def _by_ear(service: ToyService, text: str) -> Select[ToySlot] | None:
    return service.free_slots().where(ToySlot.id % 100 > 0) if text == "不要太早" else None


@chat.dialogue("预约", title="预约", helper=("帮别人约",))
async def book(resident: Actor) -> Say:
    service = await Choose("which_service", open_services())
    slot = await Choose("which_time", service.free_slots(), by_words=lambda text: _by_ear(service, text))
    await Confirm("confirm", service=service, slot=slot)
    booking = book_slot(resident, slot)
    return Say("booked", slot=slot, booking=booking)


@book.undo
def give_back(resident: Actor, booking: ToyBooking, slot: ToySlot) -> Say:
    booking.live = None
    return Say("undone", slot=slot)


def phone_number(text: str) -> str:
    digits = "".join(letter for letter in text if letter.isdigit())
    if len(digits) != 11:
        raise Refusal("toy.bad_phone")
    return digits


@chat.dialogue("报名")
async def form(resident: Actor) -> Say:
    name = await Ask("name", str.strip)
    phone = await Ask("phone", phone_number)
    building = await Ask("building", str.strip)
    await Confirm("review", all=f"{name}、{phone}、{building}")
    row = ToyForm(facts=phone)
    resident.session.add(row)
    resident.session.flush()
    return Say("form_done", form=row)


async def period() -> tuple[date, date]:
    start = await Ask("start", date.fromisoformat)
    end = await Ask("end", date.fromisoformat, again=("toy.order",))
    if end < start:
        raise Refusal("toy.order")
    return start, end


@chat.dialogue("请假")
async def trip(resident: Actor) -> Say:
    await Tell("listen")
    start, end = await period()
    return Say("trip_done", start=start, end=end)


@chat.dialogue("家人")
async def family(resident: Actor) -> Say:
    names: list[str] = []
    while (name := await Ask("member", str.strip)) != "没有":
        names.append(name)
    return Say("family_done", n=len(names))


@chat.dialogue("坏的")
async def careless(resident: Actor) -> Say:
    resident.session.add(ToyForm(facts="too early"))
    await Ask("start", str.strip)
    return Say("office")


@chat.says("电话")
def office(resident: Actor) -> Say:
    return Say("office")


@chat.says("新闻")
def news(resident: Actor) -> Say:
    return Say("news", offers={1: read.offer(title="停水"), 2: read.offer(title="体检")})


@chat.says("指路")
def ways(resident: Actor) -> Say:
    return Say("ways", offers={1: Offer.of_word("没有人认得的词")})


@chat.offered()
def read(resident: Actor, title: str) -> Say:
    return Say("read", title=title)


@chat.always("人工")
def person(resident: Actor) -> Say:
    return Say("person")


feature = Feature("toy", "玩具", chat=chat)
