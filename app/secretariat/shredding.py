"""Destroy what a closed statement keeps in secret; its public list stands as it is."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, func, or_, select

from app.errors import N_, Conflict
from app.keys import actions as keys
from app.keys.queries import hold
from app.outbox.models import Mail, MailState
from app.publication.publisher import publish_approved
from app.secretariat.models import Draft
from app.signatures.beside import MailedLink, Muted
from app.signatures.models import Signature, State
from app.statements import queries as statements
from app.statements.models import Phase, Statement

_OPEN = N_("`%(slug)s` takes signatures or will take them: close it or take it down before its keys are destroyed.")
_HELD = N_("`%(slug)s` has approved signatures that cannot be published: let its list move and show its names before its keys are destroyed.")
_BUSY = N_("Approved signatures of `%(slug)s` are being published at this moment. Please try again.")
_UNDECIDED = (State.SCREENED, State.PENDING, State.CONFIRMED)


def lost(session: Session, slug: str) -> tuple[int, int]:
    """How many signatures and corrections nobody decided about yet, and how many waiting mails `shred` drops; raises NotFound."""
    statement = statements.get(session, slug)
    undecided = or_(col(Signature.state).in_(_UNDECIDED), col(Signature.corrected_at).is_not(None))
    signatures = select(func.count()).select_from(Signature).where(Signature.statement_id == statement.id, undecided)
    mails = select(func.count()).select_from(Mail).where(*_waiting(statement))
    return session.exec(signatures).one(), session.exec(mails).one()


def shred(session: Session, slug: str, now: datetime) -> None:
    """Publish what is approved, drop what is undecided or waits to be mailed, destroy the keys; raises NotFound, Conflict."""
    statement = statements.get(session, slug)
    if statement.unpublished_at is None and statement.phase(now) is not Phase.CLOSED:
        raise Conflict(_OPEN, slug=slug)
    hold(session, statement.id, alone=True)
    while publish_approved(session, now):
        session.flush()
    _settle(session, statement)
    session.execute(sa.update(Signature).where(col(Signature.statement_id) == statement.id).values(corrected_at=None, cluster=None))
    session.execute(sa.delete(Muted).where(col(Muted.statement_id) == statement.id))  # an address can be told from its mark
    session.execute(sa.delete(Mail).where(*_waiting(statement)))
    session.execute(sa.delete(Draft).where(col(Draft.statement_id) == statement.id))  # it names first signatories
    keys.shred(session, statement.id)


def _settle(session: Session, statement: Statement) -> None:
    """End every signature that nobody can decide about any more."""
    rows = select(Signature).where(Signature.statement_id == statement.id, col(Signature.state).in_((*_UNDECIDED, State.APPROVED)))
    for signature in session.exec(rows.with_for_update()).all():
        if signature.state is State.APPROVED:
            raise Conflict(_HELD if statement.held else _BUSY, slug=statement.slug)
        signature.expire()
        session.execute(sa.delete(MailedLink).where(col(MailedLink.signature_id) == signature.id))
    session.flush()


def _waiting(statement: Statement) -> tuple[sa.ColumnElement[bool], ...]:
    return col(Mail.statement_id) == statement.id, col(Mail.state) == MailState.QUEUED
