"""Confirm, and what a person may say at a mailed link; the founding signatories."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from app.errors import N_, Conflict
from app.keys.queries import keyring
from app.outbox.actions import drop_waiting
from app.signatures import queries
from app.signatures.beside import MailedLink
from app.signatures.forms import Signer
from app.signatures.models import Kind, Origin, Signature, State, Visibility
from app.signatures.ownership import mute
from app.signatures.particulars import Particulars
from app.signatures.signing import written
from app.statements.lists import FirstSignatory
from app.statements.models import Statement
from app.statements.queries import revision


def confirm(statement: Statement, signature: Signature, now: datetime) -> None:
    """The person confirms what was shown. Raises Conflict."""
    signature.confirm(now)
    if statement.automatic(signature.kind) and not signature.suspicious():
        signature.approve(now)


def rewrite(session: Session, statement: Statement, signature: Signature, form: Signer, now: datetime) -> None:
    """The owner of a proven address types what they mean; that is confirmed at once."""
    ring = keyring(session, statement.id)
    for column, value in written(ring, signature.id, statement.id, form, signature.page_language).items():
        setattr(signature, column, value)
    confirm(statement, signature, now)


def clear_mistaken(signature: Signature) -> None:
    """What was typed is not what the owner of the address wrote: erase it, keep the proof of the address."""
    signature.particulars = None


def disown(session: Session, signature: Signature, now: datetime) -> None:
    """The owner of the address did not sign: erase the row and its links, and write to that address no more."""
    mute(session, signature, now)
    drop_waiting(session, signature.id)
    try:
        with session.begin_nested():
            session.execute(sa.delete(Signature).where(col(Signature.id) == signature.id))
    except IntegrityError:  # a moderator has decided about it, which stays on record without anything personal
        signature.expire()
        session.execute(sa.delete(MailedLink).where(col(MailedLink.signature_id) == signature.id))


def enter_first(session: Session, statement: Statement, signatory: FirstSignatory, position: int, now: datetime) -> None:
    """The secretariat enters a founding signatory, approved and without an e-mail; raises Conflict for one a moderator removed."""
    signature = Signature(
        statement_id=statement.id,
        revision_id=revision(session, statement).id,
        state=State.APPROVED,
        kind=Kind(signatory.kind),
        visibility=Visibility.PUBLIC,
        source=Origin.SECRETARIAT,
        first=True,
        position=position,
        page_language=statement.language,
        created_at=now,
        decided_at=now,
    )
    ring = keyring(session, statement.id)
    typed = first_particulars(statement, signatory)
    signature.address_index = ring.index(typed.mark(signature.kind))
    if queries.removed(session, statement.id, ring.indexes(typed.mark(signature.kind))):
        named = ", ".join(part for part in (signatory.name, signatory.organisation) if part)
        raise Conflict(N_("A moderator took %(name)s off the list. Take this first signatory out of the file."), name=named)
    signature.particulars = ring.seal(typed.dump(), signature.place("particulars"))
    session.add(signature)


def first_particulars(statement: Statement, signatory: FirstSignatory) -> Particulars:
    """A founding signatory's particulars; written in the statement's language unless it says otherwise."""
    language = signatory.language or statement.language
    return Particulars(signatory.name, signatory.role, signatory.organisation, signatory.website, signatory.country, language=language)
