"""The rules of the state machine at the door: sign, ask for another letter, confirm, write it anew, disown."""

from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from sqlmodel import Session

from app.signatures.admission import Admission
from app.signatures.confirming import Confirming, Result, confirm_all
from app.signatures.forms import SignForm
from app.signatures.identity import canonical_address
from app.signatures.models import Kind, State, Visibility
from app.signatures.screening import LIFETIME, Proof
from app.signatures.signing import Post, particulars_of, sign_all
from app.tokens import hash_token
from tests.signatures.belief import Life, Link
from tests.signatures.machine import DRAFT, KIND, Draft, Machine

PEOPLE = (
    ("anna@post-office.org", "anna+rivers@post-office.org", "Anna+2@Post-Office.org"),
    ("jan.pryklad@gmail.com", "janpryklad@gmail.com", "j.a.n.pryklad+list@googlemail.com"),
    ("tamar@rivers-house.org", "tamar+board@rivers-house.org", "TAMAR@rivers-house.org"),
    ("mikola.vydumany@yandex.by", "mikola-vydumany@ya.ru", "mikola.vydumany+x@yandex.ru"),
)
HOUSES = (
    ("Fictional House of Rivers", "rivers-house.org", "GE"),
    ("House of Rivers", "https://rivers-house.org/about", "GE"),
    ("Дом рэк", "", "BY"),
    ("Fictional Lakes", "", "FR"),
)
QUIET = timedelta(hours=24)


@dataclass
class Batch:
    """What is believed to come of posts that are written together."""

    posts: list[Post] = field(default_factory=list)
    newcomers: list[Life] = field(default_factory=list)
    reminded: list[Life] = field(default_factory=list)
    mails: list[tuple[str, str]] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)

    def mail(self, name: str, to: str, secret: str) -> None:
        """A mail, and the cookie of the browser it is for."""
        self.mails.append((name, to))
        self.secrets[to] = secret


FAR = st.sampled_from([State.PUBLISHED, State.PENDING, State.CONFIRMED, State.PUBLISHED, State.APPROVED])
EMAIL = st.sampled_from(PEOPLE).flatmap(st.sampled_from)


class Door(Machine):
    """Signing and confirming."""

    @initialize(automatic=st.sets(KIND, max_size=1), crowds=st.lists(st.tuples(st.integers(1, 5), DRAFT, FAR), min_size=1, max_size=3))
    def open(self, automatic: set[Kind], crowds: list[tuple[int, Draft, State]]) -> None:
        """A statement with its policy, and people who signed it long ago."""

        def policy(session: Session) -> None:
            statement = self.world.statement(session)
            statement.automatic_organisations, statement.automatic_individuals = Kind.ORGANISATION in automatic, Kind.INDIVIDUAL in automatic

        self.automatic = automatic
        self.attempt(True, policy)
        for number, draft, far in ((1, Draft(Kind.INDIVIDUAL, Visibility.PUBLIC), State.PUBLISHED), *crowds):
            self.come(number, draft, far, back=False)

    @rule(people=st.lists(st.tuples(EMAIL, DRAFT), min_size=1, max_size=3))
    def sign(self, people: list[tuple[str, Draft]]) -> None:
        """Some people sign at one moment."""
        self.later()
        self.write(people)

    @precondition(lambda self: self.ended_at is None and len(self.lives) < 50)
    @rule(number=st.integers(1, 5), draft=DRAFT, far=FAR, back=st.booleans())
    def come(self, number: int, draft: Draft, far: State, back: bool) -> None:
        """People sign together, with `back` those who did not stay; as far as wanted they confirm, are approved and published."""
        self.later()
        left = {life.person: life.email for life in self.lives if back and life.state in {State.REJECTED, State.REMOVED, State.WITHDRAWN}}
        emails = [*left.values(), *(f"person{self.next():04}@post-office.org" for _ in range(number))]
        newcomers = [life for life in self.write([(email, draft) for email in emails[:number] if email]) if life.links]
        for life in newcomers if far is not State.PENDING else ():
            self.press(life, life.links[0], None, life.links[0].letter.code)
        for life in newcomers:
            if life.state is State.CONFIRMED and far is not State.CONFIRMED:
                self.approve_one(life)
        if far is State.PUBLISHED:
            self.publish_all()

    def form(self, draft: Draft) -> dict[str, str]:
        """Typed by nobody else."""
        serial, (name, website, country) = f"{self.next():04}", HOUSES[draft.house]
        typed = {"kind": draft.kind.value, "name": f"Anna Prydumanaja {serial}", "role": f"keeper {serial}", "consent": "yes", "country": country}
        return typed | ({"organisation": name, "website": website, "mandate": f"minutes {serial}"} if draft.kind is Kind.ORGANISATION else {})

    def write(self, people: list[tuple[str, Draft]]) -> list[Life]:
        """One batch of the intake; who came in."""
        batch, spent, is_open = Batch(), {proof.mark for proof in self.proofs}, self.ended_at is None
        for email, draft in people:
            post, secret = self._post(email, draft)
            proof = post.admission.proof
            replay = "replay" if proof and proof.mark in spent else ""
            spent |= {proof.mark} if proof else set()
            batch.posts.append(post)
            if is_open and canonical_address(post.form.email) not in self.muted:
                self._believe(batch, post, secret, replay)
        self.attempt(True, lambda session: sign_all(session, batch.posts, self.now), lambda done: None, batch.mails, batch.newcomers, batch.secrets)
        for life in batch.reminded:
            life.mailed_at = self.now
        self.proofs += [post.admission.proof for post in batch.posts if post.admission.proof and is_open]
        return batch.newcomers

    def _post(self, email: str, draft: Draft) -> tuple[Post, str]:
        form = SignForm.model_validate({**self.form(draft), "email": email, "visibility": draft.visibility.value})
        proof = Proof(sha256(form.name.encode()).digest(), self.now + LIFETIME) if draft.proof == "fresh" else None
        if draft.proof == "again":
            proof = next((one for one in reversed(self.proofs) if one.expires_at > self.now), None)
        admission = Admission(proof, ("trap",) if draft.trap else (), f"cluster {self.serial:04}", draft.trap, timedelta(days=draft.late))
        language, secret = "be" if draft.house == 2 else "en", f"cookie {self.serial}"
        return Post(self.world.statement_id, form, language, hash_token(secret), admission), secret

    def _believe(self, batch: Batch, post: Post, secret: str, replay: str) -> None:
        """What one post does: it comes in, or reminds who holds the address, at most once a day, or nothing."""
        person, email = canonical_address(post.form.email), post.form.email
        holder = next((life for life in self.lives if life.lives and life.person == person), None)
        screened = post.admission.screened
        if holder and not screened:
            if holder not in batch.reminded and (holder.mailed_at is None or self.now - holder.mailed_at >= QUIET):
                batch.reminded.append(holder)
                batch.mail("confirm" if holder.state is State.PENDING else "already_signed", email, secret)
        elif screened or not any(life.lives and life.person == person for life in batch.newcomers):
            batch.newcomers.append(self._newcomer(post, replay))
            if not screened:
                batch.mail("confirm", email, secret)

    def _newcomer(self, post: Post, replay: str) -> Life:
        form, state = post.form, State.SCREENED if post.admission.screened else State.PENDING
        life = Life(UUID(int=0), form.email, form.kind, form.visibility, state, particulars_of(form, post.language), self.now, mailed_at=self.now)
        life.flags = " ".join(filter(None, (*post.admission.flags, replay)))
        life.words = {form.email, form.name, form.role, form.mandate, post.admission.cluster} - {""}
        return life

    def press(self, life: Life, link: Link, secret: str | None, code: str) -> None:
        """The button of a confirmation page."""
        expected, before = self._expected(life, link, secret, code), self.world.sight

        def confirm(session: Session) -> Result:
            return confirm_all(session, [Confirming(link.letter.token, secret, code)], self.now)[0].result

        def effect(result: Result) -> None:
            assert result is expected
            if result is Result.CONFIRMED:
                life.confirm(self.now, self.automatic)

        self.attempt(True, confirm, effect)
        same = {name for name, rows in before.rows.items() if self.world.sight.rows[name] == rows}
        assert expected is Result.CONFIRMED or before.rows.keys() - same <= {"mailed_link"}

    def _expected(self, life: Life, link: Link, secret: str | None, code: str) -> Result:
        if not life.pending_link(link, self.now):
            return Result.OVER
        if not link.takes(secret, code, self.now):
            return Result.WRONG_CODE
        return Result.CONFIRMED if life.typed else Result.UNWRITTEN
