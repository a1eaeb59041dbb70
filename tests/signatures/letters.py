"""The rules of the state machine about letters: what a mailed link is good for with its cookie or code, and what is no good."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlmodel import Session

from app.errors import NotFound
from app.signatures import actions, queries, signing
from app.signatures.forms import Signer
from app.signatures.links import prove, proven
from app.signatures.models import Signature, State
from app.signatures.signing import particulars_of
from tests.signatures.belief import Life, Link
from tests.signatures.door import QUIET, Door
from tests.signatures.machine import CHANCE, Chance

Found = tuple[Life, Link] | None


class Letters(Door):
    """Confirming, and everything else at a link that confirms."""

    @rule(act=st.sampled_from(["confirm", "confirm", "fail", "guess", "mistaken", "rewrite", "disown", "ask_again"]), chance=CHANCE)
    def open_letter(self, act: str, chance: Chance) -> None:
        """One thing that may be done with a letter."""
        getattr(self, act)(chance)

    def confirm(self, chance: Chance) -> None:
        """The right cookie, or the right code."""
        if found := self._letter(chance):
            self.press(*found, *((found[1].secret, "") if chance.draft.late else (None, found[1].letter.code)))

    def fail(self, chance: Chance) -> None:
        """Nothing, or another's cookie."""
        if found := self._letter(chance):
            self.press(*found, "cookie of nobody" if chance.draft.late else None, "")

    def guess(self, chance: Chance) -> None:
        """Wrong codes in a row and the right one then, which is too late after five."""
        if found := self._letter(chance):
            for step in (*range(1, 4 + chance.number % 3), 0):
                self.later()
                self.press(*found, None, f"{(int(found[1].letter.code) + step) % 1_000_000:06d}")

    def ask_again(self, chance: Chance) -> None:
        """A browser asks for another letter, at most twice a day."""
        now = self.later()
        life = self.pick(chance, lambda life: life.state is State.PENDING and any(link.secret for link in life.links))
        secrets = [link.secret for link in life.links if link.secret] or ["cookie of nobody"]
        secret = secrets[chance.number % len(secrets)]
        due = bool(life.links) and life.state is State.PENDING and sum(link.made_at > now - QUIET for link in life.links) <= 2
        mails = self.tell(life, "confirm") if due and secret != "cookie of nobody" else []
        self.attempt(True, lambda session: signing.ask_again(session, self.world.statement(session), secret, now), mails=mails, secrets={life.email: secret})

    def mistaken(self, chance: Chance) -> None:
        """The owner of the address says that this is not what they wrote."""
        found = self._letter(chance, lambda life: life.typed)
        if found:
            self._through(*found, lambda _, row: actions.clear_mistaken(row), lambda life: setattr(life, "typed", None))

    def rewrite(self, chance: Chance) -> None:
        """Then they type what they mean, which is confirmed at once."""
        found = self._letter(chance, lambda life: life.typed is None)
        if not found or found[0].typed:
            return
        form = Signer.model_validate({**self.form(chance.draft), "visibility": chance.draft.visibility.value})
        language = self.world.sight.signatures[found[0].id]["page_language"]

        def effect(life: Life) -> None:
            life.kind, life.visibility, life.typed = form.kind, form.visibility, particulars_of(form, language)
            life.words |= {form.name, form.role, form.mandate} - {""}
            life.confirm(self.now, self.automatic)

        self._through(*found, lambda session, row: actions.rewrite(session, self.world.statement(session), row, form, self.now), effect)

    def disown(self, chance: Chance) -> None:
        """Or they did not sign at all."""

        def effect(life: Life) -> None:
            self.muted.setdefault(life.person, self.now)
            life.move(State.EXPIRED, None)
            life.forget()
            life.links, life.erased = [], True
            if not life.released:  # of which a moderator decided there is a record, without anything personal
                self.lives.remove(life)
                self.gone.append(life)

        if found := self._letter(chance):
            self._through(*found, lambda session, row: actions.disown(session, row, self.now), effect)

    def _letter(self, chance: Chance, fitting: Callable[[Life], object] = lambda _: True) -> Found:
        now = self.later()
        life = self.pick(chance, lambda life: fitting(life) and any(life.pending_link(link, now) for link in life.links))
        return (life, life.links[chance.number % len(life.links)]) if life.links else None

    def _through(self, life: Life, link: Link, act: Callable[[Session, Signature], object], effect: Callable[[Life], object]) -> None:
        """Act at a link, with its cookie or else with its code, which gives a cookie."""

        def enter(session: Session) -> str | None:
            found = queries.by_token(session, link.letter.token, self.now, lock=True)
            inside = found is not None and proven(found[0], link.secret)
            fresh = prove(session, found[0], link.letter.code, self.now) if found and not inside else None
            if found is None or not (inside or fresh):
                raise NotFound
            act(session, found[1])
            return fresh

        def entered(fresh: str | None) -> None:
            link.secret, link.tries = fresh or link.secret, 0 if fresh else link.tries
            effect(life)

        self.attempt(life.pending_link(link, self.now) and (link.secret is not None or not link.locked(self.now)), enter, entered)
