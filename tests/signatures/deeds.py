"""Everything that can be done to signatures, as rules of the state machine: at the door, by their owners, by moderators and others, by the clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from sqlmodel import Session, col, select

from app.errors import NotFound
from app.moderation import actions as desk
from app.moderation.models import Removal
from app.outbox.models import Mail, MailState
from app.publication.publisher import publish_approved
from app.signatures import actions, ownership, queries, reporting, signing
from app.signatures.admission import Admission
from app.signatures.confirming import Confirming, Outcome, Result, confirm_all
from app.signatures.forms import ReportForm, Signer, SignForm, Typed
from app.signatures.identity import canonical_address
from app.signatures.models import Answer, Complaint, Kind, MailedLink, Signature, State, Visibility
from app.signatures.particulars import Correction
from app.signatures.retention import rule as kept_by
from app.signatures.screening import LIFETIME, Proof
from app.signatures.signing import Post, particulars_of, sign_all
from app.statements.actions import close
from app.tokens import hash_token
from app.upkeep.schedule import keep_schedule
from tests import cast
from tests.signatures.belief import TURNED_AWAY, Life, Link
from tests.signatures.machine import CHOICE, Machine, Mails

PEOPLE = (
    ("anna@post-office.org", "anna+rivers@post-office.org", "Anna+2@Post-Office.org"),
    ("jan.pryklad@gmail.com", "janpryklad@gmail.com", "j.a.n.pryklad+list@googlemail.com"),
    ("tamar@rivers-house.org", "tamar+board@rivers-house.org", "TAMAR@rivers-house.org"),
    ("mikola.vydumany@yandex.by", "mikola-vydumany@ya.ru", "mikola.vydumany+x@yandex.ru"),
)
HOUSES = (("Fictional House of Rivers", "rivers-house.org", "GE"), ("House of Rivers", "https://rivers-house.org/about", "GE"), ("Дом рэк", "", "BY"), ("Clear Lakes", "", "FR"))
QUIET = timedelta(hours=24)
NUMBER = st.integers(0, 9)


@dataclass(frozen=True)
class Draft:
    """What somebody is about to type."""

    who: int
    spelling: int
    kind: Kind
    visibility: Visibility
    house: int
    proof: str
    trap: bool
    late: bool


DRAFT = st.builds(
    Draft,
    who=st.integers(0, len(PEOPLE) - 1),
    spelling=st.integers(0, 2),
    kind=st.sampled_from(Kind),
    visibility=st.sampled_from(Visibility),
    house=st.integers(0, len(HOUSES) - 1),
    proof=st.sampled_from(["", "fresh", "again"]),
    trap=st.sampled_from([False, False, False, True]),
    late=st.booleans(),
)


class Door(Machine):
    """Signing and confirming."""

    @initialize(automatic=st.sets(st.sampled_from(Kind), max_size=1), number=st.integers(1, 6), visibility=st.sampled_from(Visibility))
    def open(self, automatic: set[Kind], number: int, visibility: Visibility) -> None:
        """A statement with its policy, and people who signed it long ago."""
        self.automatic = automatic

        def policy(session: Session) -> None:
            statement = self.world.statement(session)
            statement.automatic_organisations, statement.automatic_individuals = Kind.ORGANISATION in automatic, Kind.INDIVIDUAL in automatic

        self.attempt(True, policy)
        self.crowd(number, visibility)

    def form(self, kind: Kind, house: int) -> dict[str, str]:
        """Typed by nobody else."""
        serial = self.next()
        name, website, country = HOUSES[house]
        typed = {"kind": kind.value, "name": f"Anna Prydumanaja {serial:04}", "role": f"keeper {serial:04}", "consent": "yes", "country": country}
        return typed | ({"organisation": name, "website": website, "mandate": f"minutes {serial:04}"} if kind is Kind.ORGANISATION else {})

    def wrote(self, life: Life, form: Typed) -> None:
        """What a person typed is theirs."""
        life.words |= {form.name, form.role, form.mandate} - {""}

    @rule(drafts=st.lists(DRAFT, min_size=1, max_size=3))
    def sign(self, drafts: list[Draft]) -> None:
        """Some people sign at one moment."""
        self.later()
        typed = [(PEOPLE[draft.who][draft.spelling], draft) for draft in drafts]
        self.write(typed)

    def write(self, typed: list[tuple[str, Draft]]) -> list[Life]:
        """One batch of the intake."""
        posts, secrets, newcomers, mails = [], {}, list[Life](), list[tuple[str, str]]()
        is_open, spent = self.ended_at is None, {proof.mark for proof in self.proofs}
        again: dict[str, Life] = {}
        for email, draft in typed:
            form = SignForm.model_validate({**self.form(draft.kind, draft.house), "email": email, "visibility": draft.visibility.value})
            proof = self.proof(draft)
            replayed = proof is not None and proof.mark in spent
            spent |= {proof.mark} if proof else set()
            admission = Admission(proof, ("trap",) if draft.trap else (), f"cluster {self.serial:04}", draft.trap, draft.late)
            secret = f"cookie {self.serial}"
            posts.append(Post(self.world.statement_id, form, "be" if draft.house == 2 else "en", hash_token(secret), admission))
            person = canonical_address(form.email)
            holder = next((life for life in self.lives if life.lives and life.person == person), None)
            if not is_open or person in self.muted:
                continue
            if holder and not draft.trap:
                again.setdefault(person, holder)
                if again[person] is holder and person not in secrets and (holder.mailed_at is None or self.now - holder.mailed_at >= QUIET):
                    mails.append(("confirm" if holder.state is State.PENDING else "already_signed", form.email))
                    secrets[form.email], secrets[person] = secret, ""
                continue
            if not draft.trap and any(life.person == person and life.state is State.PENDING for life in newcomers):
                continue
            life = self.newcomer(form, draft, posts[-1].language)
            life.words |= {admission.cluster}
            newcomers.append(life)
            if not draft.trap:
                mails.append(("confirm", form.email))
                secrets[form.email] = secret
            life.flags = " ".join((*admission.flags, *(("replay",) if replayed else ())))

        def told(refusals: list[object]) -> None:
            assert {refusal is None for refusal in refusals} == {is_open}
            for person, holder in again.items():
                if person in secrets:
                    holder.mailed_at = self.now

        self.attempt(True, lambda session: sign_all(session, posts, self.now), told, mails, newcomers, secrets)
        if is_open:
            self.proofs += [post.admission.proof for post in posts if post.admission.proof]
        return newcomers
