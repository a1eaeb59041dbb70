"""The rules of the state machine behind the door: what owners, moderators, strangers, the publisher and the clock do."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlmodel import Session, col, select

from app.errors import NotFound
from app.moderation import actions as desk
from app.moderation.models import Removal
from app.outbox.models import Mail, MailState
from app.signatures import ownership, queries, reporting
from app.signatures.forms import ReportForm, Typed
from app.signatures.models import Answer, Complaint, Kind, State, Visibility
from app.signatures.particulars import Correction
from app.signatures.retention import rule as kept_by
from app.signatures.signing import particulars_of
from app.statements.actions import close
from app.upkeep.schedule import keep_schedule
from tests import cast
from tests.signatures.belief import TURNED_AWAY, Life
from tests.signatures.letters import Letters
from tests.signatures.machine import CHANCE, Chance, Machine

SPAN = st.sampled_from([timedelta(minutes=16), *(timedelta(hours=hours) for hours in (25, 73)), *(timedelta(days=days) for days in (8, 15, 91, 181))])
CONFIRMED_EVER = (State.CONFIRMED, State.APPROVED, State.PUBLISHED, State.WITHDRAWN, *TURNED_AWAY)


class Owners(Letters):
    """What signers do with their own signature."""

    @rule(act=st.sampled_from(["correct", "hide", "show", "correct", "withdraw", "leave", "erase", "not_me"]), chance=CHANCE)
    def own(self, act: str, chance: Chance) -> None:
        """One of the buttons of their page."""
        getattr(self, act)(chance)

    def correct(self, chance: Chance) -> None:
        """Other particulars, or another kind."""
        now, life = self.later(), self.pick(chance, lambda life: life.stands)
        form = Typed.model_validate(self.form(chance.draft))
        typed = particulars_of(form, self.world.sight.signatures[life.id]["page_language"])

        def effect(_: object) -> None:
            life.words |= {form.name, form.role, form.mandate} - {""}
            if life.state is State.CONFIRMED:
                life.kind, life.typed = form.kind, typed
            else:
                life.wish = Correction(form.kind.value, typed)

        legal = life.stands and life.typed is not None
        self.attempt(legal, lambda session: ownership.correct(session, self.signature(session, life), form, now), effect)

    def hide(self, chance: Chance) -> None:
        """Counted and not named."""
        now, life = self.later(), self.pick(chance, lambda life: life.stands)
        hidden = lambda _: setattr(life, "visibility", Visibility.WITHHELD)  # noqa: E731
        self.attempt(life.stands, lambda session: ownership.hide(session, self.signature(session, life), now), hidden)

    def show(self, chance: Chance) -> None:
        """Named again."""
        now, life = self.later(), self.pick(chance, lambda life: life.stands and life.visibility is Visibility.WITHHELD)
        shown = lambda _: setattr(life, "visibility", Visibility.PUBLIC)  # noqa: E731
        self.attempt(life.stands and life.typed is not None, lambda session: ownership.show(session, self.signature(session, life), now), shown)

    def withdraw(self, chance: Chance) -> None:
        """Taken back, with a word for the moderators."""
        self.later()
        self._withdraw(self.pick(chance, lambda life: life.stands), says=True)

    def leave(self, chance: Chance) -> None:
        """Several of the published withdraw, one after the other."""
        wanted = (State.PUBLISHED, chance.draft.visibility, False)
        for life in [life for life in self.lives if (life.state, life.visibility, life.founder) == wanted][: chance.number % 6]:
            self.later()
            self._withdraw(life, says=False)

    def _withdraw(self, life: Life, says: bool) -> None:
        now, reason = self.now, f"They came to office {self.next():04}" if says else ""

        def effect(_: object) -> None:
            life.move(State.WITHDRAWN, now)
            life.forget()
            life.parting = reason or None
            life.words |= {reason} - {""}

        self.attempt(life.stands, lambda session: ownership.withdraw(session, self.signature(session, life), reason, now), effect)

    def not_me(self, chance: Chance) -> None:
        """Nothing is left, and no more mail is sent."""
        self.erase(chance, not_me=True)

    def erase(self, chance: Chance, not_me: bool = False) -> None:
        """Nothing is left; the page is there for all who were ever confirmed."""
        now, life = self.later(), self.pick(chance, lambda life: life.state in CONFIRMED_EVER)
        if life.state not in CONFIRMED_EVER:
            return

        def act(session: Session) -> None:
            row = self.signature(session, life)
            if not_me:
                ownership.mute(session, row, now)
            ownership.erase(session, row, now)

        def effect(_: object) -> None:
            if not_me and life.address:
                self.muted.setdefault(life.person, now)
            if life.stands:
                life.move(State.WITHDRAWN, now)
            life.forget()
            life.parting, life.links, life.erased = None, [], True

        self.attempt(True, act, effect)


class Desk(Machine):
    """What moderators do."""

    @rule(act=st.sampled_from(["approve", "reject", "remove", "restore", "release", "accept", "accept", "decline", "inquire", "settle"]), chance=CHANCE)
    def decide(self, act: str, chance: Chance) -> None:
        """One of the buttons of the console."""
        getattr(self, act)(chance)

    def approve(self, chance: Chance) -> None:
        """Into the list."""
        self.later()
        self.approve_one(self.pick(chance, lambda life: life.state is State.CONFIRMED, founders=True))

    def reject(self, chance: Chance) -> None:
        """Out, with a reason."""
        now, by, life = self.later(), self.world.moderator, self.pick(chance, lambda life: life.state is State.CONFIRMED, founders=True)
        reason = self._reason(life)
        effect = lambda _: life.move(State.REJECTED, now)  # noqa: E731
        self.attempt(life.state is State.CONFIRMED, lambda session: desk.reject(session, life.id, by, reason, now), effect, self.tell(life, "rejected"))

    def remove(self, chance: Chance) -> None:
        """Off the list."""
        now, by, life = self.later(), self.world.moderator, self.pick(chance, lambda life: life.state is State.PUBLISHED, founders=True)
        note = self._reason(life)
        effect = lambda _: life.move(State.REMOVED, now)  # noqa: E731
        self.attempt(
            life.state is State.PUBLISHED, lambda session: desk.remove(session, life.id, by, Removal.OTHER, note, now), effect, self.tell(life, "removed")
        )

    def restore(self, chance: Chance) -> None:
        """A second thought."""
        now, by, life = self.later(), self.world.moderator, self.pick(chance, lambda life: life.state in TURNED_AWAY, founders=True)
        legal = life.state in TURNED_AWAY and life.typed is not None and life.index and not self.rivals(life)
        effect = lambda _: life.move(*((State.CONFIRMED, None) if life.state is State.REJECTED else (State.APPROVED, now)))  # noqa: E731
        self.attempt(legal, lambda session: desk.restore(session, life.id, by, now), effect)

    def release(self, chance: Chance) -> None:
        """It was a person after all; whose address wants no mail may be refused or left without."""
        now, by, life = self.later(), self.world.moderator, self.pick(chance, lambda life: life.state is State.SCREENED, founders=True)

        def effect(_: object) -> None:
            life.move(State.PENDING, None)
            life.mailed_at, life.released = now, True

        legal = life.state is State.SCREENED and not self.rivals(life)
        either = None if legal and life.person in self.muted else legal
        self.attempt(either, lambda session: desk.release(session, life.id, by, now), effect, self.tell(life, "confirm"))

    def accept(self, chance: Chance) -> None:
        """The correction stands."""
        now, by, life = self.later(), self.world.moderator, self.pick(chance, lambda life: life.wish, founders=True)

        def effect(_: object) -> None:
            if life.wish:
                life.kind, life.typed, life.wish = Kind(life.wish.kind), life.wish.typed, None

        listed = (life.state, life.visibility) == (State.PUBLISHED, Visibility.PUBLIC)
        act = lambda session: desk.accept_correction(session, life.id, by, now)  # noqa: E731
        self.attempt(life.wish is not None, act, effect, self.tell(life, "corrected"), relisted=listed)

    def decline(self, chance: Chance) -> None:
        """The correction does not stand."""
        now, by, life = self.later(), self.world.moderator, self.pick(chance, lambda life: life.wish, founders=True)
        reason = self._reason(life)
        act = lambda session: desk.decline_correction(session, life.id, by, reason, now)  # noqa: E731
        self.attempt(life.wish is not None, act, lambda _: setattr(life, "wish", None), self.tell(life, "not_corrected"))

    def inquire(self, chance: Chance) -> None:
        """A question to an organisation whose signature stands."""
        now, by, life = self.later(), self.world.moderator, self.pick(chance, lambda life: life.stands and life.kind is Kind.ORGANISATION)
        to = f"office{self.next():04}@rivers-house.org"
        act = lambda session: desk.inquire(session, life.id, by, to, now)  # noqa: E731
        self.attempt(life.stands and life.kind is Kind.ORGANISATION, act, lambda _: life.words.add(to), [("inquiry", to)])

    def settle(self, chance: Chance) -> None:
        """A report needs nothing more, or is not there."""
        now, by, number = self.later(), self.world.moderator, chance.number
        rows = sorted(self.world.sight.rows["report"].values(), key=lambda row: row["created_at"])
        row: dict[str, Any] = rows[number] if number < len(rows) else {"id": UUID(int=number), "settled_at": now}
        self.attempt(row["settled_at"] is None, lambda session: desk.settle(session, row["id"], by, now))

    def _reason(self, life: Life) -> str:
        reason = f"The board told us {self.next():04}"
        life.words.add(reason)
        return reason


class Strangers(Machine):
    """What people do who did not sign."""

    @rule(act=st.sampled_from(["answer", "report", "deny"]), chance=CHANCE)
    def say(self, act: str, chance: Chance) -> None:
        """At a link of theirs, or at the list."""
        getattr(self, act)(chance)

    def report(self, chance: Chance) -> None:
        """A name of the list is wrong."""
        now, serial, number = self.later(), self.next(), chance.number
        life = next((life for life in self.lives if (life.number, life.state, life.visibility) == (number, State.PUBLISHED, Visibility.PUBLIC)), None)
        form = ReportForm(reason=Complaint.OTHER, words=f"Report {serial:04}", contact=f"neighbour{serial:04}@post-office.org")

        def act(session: Session) -> None:
            reporting.report(session, queries.signatory(session, self.world.statement_id, number), form, now)

        self.attempt(life is not None, act, lambda _: life.words.update({form.words, form.contact}) if life else None)

    def deny(self, chance: Chance) -> None:
        """An organisation says that it did not sign."""
        self.answer(chance, Answer.NO)

    def answer(self, chance: Chance, given: Answer = Answer.YES) -> None:
        """An organisation answers, once and in time."""
        now = self.later()
        if not self.questions:
            return
        life, letter = self.questions[-1 - chance.number % len(self.questions)]

        def act(session: Session) -> None:
            found = reporting.inquiry(session, letter.token, now)
            if found is None:
                raise NotFound
            reporting.answer(session, *found, given, now)

        def effect(_: object) -> None:
            self.answered.add(letter.token)
            life.vouched = life.names if given is Answer.YES else life.vouched

        asked = letter.token not in self.answered and letter.expires_at is not None and now < letter.expires_at
        self.attempt(asked and not life.erased and life.typed is not None, act, effect)


class Clockwork(Machine):
    """What happens by itself."""

    @rule(act=st.sampled_from(["publish_all", "publish_all", "deliver", "sweep"]))
    def work(self, act: str) -> None:
        """One of the jobs."""
        self.later()
        getattr(self, act)()

    @rule(by=SPAN)
    def wait(self, by: timedelta) -> None:
        """Time goes by."""
        self.later(by)

    def sweep(self) -> None:
        """The retention schedule."""
        now = self.now

        def act(session: Session) -> None:
            while keep_schedule(session, now):
                session.flush()
                session.expire_all()

        def effect(_: object) -> None:
            for life in self.lives:
                life.keep_schedule(now, self.ended_at)
            over = now - (kept_by("muted").after or timedelta())
            self.muted = {person: since for person, since in self.muted.items() if since >= over}

        self.attempt(True, act, effect)

    def deliver(self) -> None:
        """The mail that waits leaves."""
        now = self.now

        def act(session: Session) -> None:
            for mail in session.exec(select(Mail).where(col(Mail.state) == MailState.QUEUED)):
                mail.sent(now, keep=False)

        self.attempt(True, act)

    @precondition(lambda self: self.ended_at is None and self.serial > 40)
    @rule()
    def close(self) -> None:
        """The statement takes no more signatures; it can be closed but once."""
        now = self.later()
        self.attempt(True, lambda session: close(session, cast.SLUG, now, now), lambda _: setattr(self, "ended_at", now))
        self.attempt(False, lambda session: close(session, cast.SLUG, now, self.later()))


class Signatures(Owners, Desk, Strangers, Clockwork):
    """All of them together."""
