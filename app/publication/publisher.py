"""The one writer that turns approved signatures into public ones, in batches, and takes removed ones off the list."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.clock import utcnow
from app.db import Database
from app.i18n import LOCALES, fold, language
from app.keys.queries import keyring
from app.signatures.identity import domain_of
from app.signatures.models import Kind, Signature, SortKey, State, Tally, Visibility
from app.signatures.particulars import Particulars

BATCH = 500
_LOCK = 0x756E6465  # "unde": one publisher among all nodes


def publish_due(database: Database) -> int:
    """Publish what is approved, if anything; how many."""
    with database.reading() as session:
        if session.exec(select(Signature.id).where(Signature.state == State.APPROVED).limit(1)).first() is None:
            return 0
    with database.transaction() as session:
        return publish_approved(session, utcnow())


def publish_approved(session: Session, now: datetime) -> int:
    """Publish one batch; how many signatures. Another node's publisher makes this one stand back."""
    if session.get_bind().dialect.name == "postgresql" and not session.execute(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))).scalar_one():
        return 0
    order = (~col(Signature.first), col(Signature.position), col(Signature.decided_at), col(Signature.created_at))
    rows = session.exec(select(Signature).where(Signature.state == State.APPROVED).order_by(*order).limit(BATCH).with_for_update()).all()
    by_statement: dict[UUID, list[Signature]] = {}
    for signature in rows:
        by_statement.setdefault(signature.statement_id, []).append(signature)
    for statement_id, signatures in by_statement.items():
        _publish(session, statement_id, signatures, now)
    return len(rows)


def _publish(session: Session, statement_id: UUID, signatures: list[Signature], now: datetime) -> None:
    tally = session.get_one(Tally, statement_id, with_for_update=True)
    ring = keyring(session, statement_id)
    before = (tally.organisations, tally.individuals, tally.withheld_shown)
    upcoming = tally.list_revision + 1
    for signature in signatures:
        signature.publish(now)
        tally.move(signature, 1)
        if signature.visibility is Visibility.PUBLIC and signature.particulars is not None:
            tally.last_number += 1
            shown = Particulars.load(ring.open(signature.particulars, signature.place("particulars")))
            _list(session, signature, shown, tally.last_number, upcoming)
    if before != (tally.organisations, tally.individuals, tally.withheld_shown):
        tally.turn(now)


def relist(session: Session, signature: Signature, shown: Particulars, now: datetime) -> None:
    """Correct what the list shows of a published signature; its number stays."""
    signature.particulars = keyring(session, signature.statement_id).seal(shown.dump(), signature.place("particulars"))
    if signature.state is State.PUBLISHED:
        signature.listed_revision = session.get_one(Tally, signature.statement_id, with_for_update=True).turn(now)
        _fill(signature, shown)


def _list(session: Session, signature: Signature, shown: Particulars, number: int, list_revision: int) -> None:
    signature.number, signature.listed_revision = number, list_revision
    _fill(signature, shown)
    session.flush()
    sort_by = shown.organisation if signature.kind is Kind.ORGANISATION else shown.name
    for code in LOCALES:
        key = language(code).sort_key(sort_by)
        session.add(SortKey(signature_id=signature.id, language=code, statement_id=signature.statement_id, key=key, number=number))


def _fill(signature: Signature, shown: Particulars) -> None:
    """Write the public columns."""
    signature.name, signature.role = shown.name or None, shown.role or None
    signature.organisation, signature.website = shown.organisation or None, shown.website or None
    signature.country, signature.language = shown.country or None, shown.language or None
    signature.domain = domain_of(shown.website) or None if shown.website else None
    signature.folded = f"{fold(shown.name)}\n{fold(shown.organisation)}"


def delist(session: Session, signature: Signature, now: datetime) -> None:
    """Take a published signature off every face at once; raises Conflict when it is not published."""
    tally = session.get_one(Tally, signature.statement_id, with_for_update=True)
    before = tally.withheld_shown
    signature.remove(tally.list_revision + 1, now)
    tally.move(signature, -1)
    if signature.visibility is Visibility.PUBLIC or before != tally.withheld_shown:
        tally.turn(now)
    session.execute(sa.delete(SortKey).where(col(SortKey.signature_id) == signature.id))
