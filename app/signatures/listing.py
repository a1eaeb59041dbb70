"""Put a signature into the public list, change it there, take it out: columns, sort keys, tally and list revision together."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import N_, Conflict
from app.i18n import LOCALES, language
from app.keys.queries import keyring
from app.organisations.actions import forget_unsigned, recognise
from app.organisations.queries import known_domain
from app.rows import add_up, insert_all, note, settle, update_all
from app.signatures import finding
from app.signatures.evidence import Evidence, graded, own_domain
from app.signatures.identity import domain_of, sounds
from app.signatures.models import Kind, Signature, State, Visibility
from app.signatures.particulars import Particulars
from app.signatures.queries import address, particulars
from app.signatures.tallies import CountryCount, SortKey, Tally
from app.statements.models import Statement

# What the list shows of a signature and keeps beside it, and that it is there.
_COLUMNS = ("state", "published_at", "number", "listed_revision", "delisted_revision", "evidence", "organisation_id", "folded", "sounds")
_NOTED = ("id", *_COLUMNS, "name", "role", "organisation", "website", "domain", "country", "language")


def enlist(session: Session, tally: Tally, named: Sequence[tuple[Signature, Particulars]], list_revision: int, now: datetime) -> None:
    """Name signatures in the list, each at its old number or at the next one."""
    for signature, shown in named:
        note(signature, number=signature.number or tally.next_number(), listed_revision=list_revision, delisted_revision=None)
        _fill(session, signature, shown, now)
    write_down(session, [signature for signature, _ in named])
    _keep(session, tally, [signature for signature, _ in named])


def write_down(session: Session, signatures: Sequence[Signature]) -> None:
    """Write what was noted about signatures that are held for this transaction, with one statement for all of them."""
    for signature in signatures:
        settle(signature, "state", "published_at")
    session.flush()
    update_all(session, Signature, [{name: getattr(signature, name) for name in _NOTED} for signature in signatures], "id")


def relist(session: Session, signature: Signature, shown: Particulars, now: datetime) -> None:
    """Correct what the list shows of a signature; its number stays. Evidence for one organisation is none for another."""
    before = particulars(session, signature)
    if before is not None and not shown.same_organisation(before):
        signature.evidence = Evidence.DECLARED
    signature.particulars = keyring(session, signature.statement_id).seal(shown.dump(), signature.place("particulars"))
    if signature.state is State.PUBLISHED and signature.visibility is Visibility.PUBLIC:
        tally = tally_of(session, signature)
        must_move(session, signature.statement_id)
        note(signature, listed_revision=tally.turn(now))
        _drop(session, tally, [signature])
        _fill(session, signature, shown, now)
        write_down(session, [signature])
        _keep(session, tally, [signature])


def become(session: Session, signature: Signature, kind: Kind) -> None:
    """An organisation's signature becomes a personal one, or the other way round; the counts follow."""
    if signature.state is State.PUBLISHED and signature.visibility is Visibility.PUBLIC:
        tally = tally_of(session, signature)
        tally.move(signature, -1)
        _drop(session, tally, [signature])
        signature.kind = kind
        tally.move(signature, 1)
        _keep(session, tally, [signature])
    signature.kind = kind


def relabel(session: Session, signature: Signature, now: datetime) -> None:
    """What the list says about a signature has changed beside its particulars."""
    if signature.state is State.PUBLISHED and signature.visibility is Visibility.PUBLIC:
        signature.listed_revision = tally_of(session, signature).turn(now)


def delist(session: Session, signature: Signature, now: datetime) -> None:
    """A moderator or the secretariat takes it off every face at once; raises Conflict when it is not published."""
    _leave(session, signature, now)
    signature.remove(now)


def delist_all(session: Session, signatures: Sequence[Signature], now: datetime) -> None:
    """Take many published signatures of one statement off every face, as one step of its list; raises Conflict."""
    if not signatures:
        return
    tally = tally_of(session, signatures[0])
    before, upcoming = tally.withheld_shown, tally.list_revision + 1
    _drop(session, tally, signatures)
    for signature in signatures:
        tally.move(signature, -1)
        if signature.visibility is Visibility.PUBLIC:
            signature.unname(upcoming)
        signature.remove(now)
    if before != tally.withheld_shown or any(signature.visibility is Visibility.PUBLIC for signature in signatures):
        tally.turn(now)
    entries = {signature.organisation_id for signature in signatures if signature.organisation_id}
    for signature in signatures:
        signature.organisation_id = None
    for entry in entries:
        _forget_unsigned(session, entry)


def withdraw(session: Session, signature: Signature, now: datetime) -> None:
    """Its signer takes it back, published or not; raises Conflict for one that does not stand."""
    if signature.state is State.PUBLISHED:
        _leave(session, signature, now)
    signature.withdraw(now)


def hide(session: Session, signature: Signature, now: datetime) -> None:
    """Count it, name it no more; at once."""
    if signature.state is State.PUBLISHED and signature.visibility is Visibility.PUBLIC:
        _leave(session, signature, now)
        signature.visibility = Visibility.WITHHELD
        tally_of(session, signature).move(signature, 1)
    signature.visibility = Visibility.WITHHELD


def show(session: Session, signature: Signature, shown: Particulars, now: datetime) -> None:
    """Name it in the list, again at its old number if it had one."""
    if signature.state is State.PUBLISHED and signature.visibility is Visibility.WITHHELD:
        tally = tally_of(session, signature)
        must_move(session, signature.statement_id)
        tally.move(signature, -1)
        signature.visibility = Visibility.PUBLIC
        tally.move(signature, 1)
        enlist(session, tally, [(signature, shown)], tally.turn(now), now)
    signature.visibility = Visibility.PUBLIC


def _recognise(session: Session, signature: Signature, shown: Particulars, now: datetime) -> None:
    """The organisation's entry in the directory, which arises with its first public signature."""
    before = signature.organisation_id
    note(signature, organisation_id=None)
    if signature.kind is Kind.ORGANISATION and shown.organisation:
        note(signature, evidence=evidence(session, signature, shown))  # by what the directory knew before
        entry = recognise(session, shown.organisation, shown.language, shown.website, own_domain(signature.domain or ""), shown.country, now)
        note(signature, organisation_id=entry.id)
    if before is not None and before != signature.organisation_id:
        write_down(session, [signature])
        _forget_unsigned(session, before)


def evidence(session: Session, signature: Signature, shown: Particulars) -> Evidence:
    """How far the signing organisation is known to be who it says; what it confirmed itself stands."""
    to = address(session, signature)
    if signature.evidence is not Evidence.DECLARED or to is None:
        return signature.evidence
    return graded(to, shown.website, known_domain(session, shown.organisation))


def _forget_unsigned(session: Session, organisation_id: UUID) -> None:
    """An organisation none of whose signatures is public any more leaves the directory."""
    session.flush()
    rows = select(Signature.id).where(Signature.organisation_id == organisation_id).limit(1)
    forget_unsigned(session, organisation_id, session.exec(rows).first() is not None)


def tally_of(session: Session, signature: Signature) -> Tally:
    """The counts of its statement, held for this transaction."""
    return session.get_one(Tally, signature.statement_id, with_for_update=True)


def must_move(session: Session, statement_id: UUID) -> None:
    """Raises Conflict while the list is frozen; asked once the tally is held, as it is by whoever freezes the list."""
    if session.exec(select(Statement.frozen_at).where(Statement.id == statement_id)).one():
        raise Conflict(N_("The list stands still at the moment: nothing new is shown in it. Please try again later."))


def _leave(session: Session, signature: Signature, now: datetime) -> None:
    tally = tally_of(session, signature)
    before = tally.withheld_shown
    tally.move(signature, -1)
    _drop(session, tally, [signature])
    if signature.visibility is Visibility.PUBLIC:
        signature.unname(tally.turn(now))
    elif before != tally.withheld_shown:
        tally.turn(now)  # mirrors learn the count, not who of those that are not named has left
    entry, signature.organisation_id = signature.organisation_id, None
    if entry is not None:
        _forget_unsigned(session, entry)


def _fill(session: Session, signature: Signature, shown: Particulars, now: datetime) -> None:
    """Write the public columns."""
    note(signature, name=shown.name or None, role=shown.role or None, organisation=shown.organisation or None, website=shown.website or None)
    note(signature, country=shown.country or None, language=shown.language or None)
    note(signature, domain=domain_of(shown.website) or None if shown.website else None)
    _recognise(session, signature, shown, now)
    heard = sounds(shown.name)[:2400] or None if signature.kind is Kind.INDIVIDUAL else None
    note(signature, folded=finding.searchable(shown.name, shown.organisation), sounds=heard)


def _keep(session: Session, tally: Tally, named: Sequence[Signature]) -> None:
    """What stands beside the public columns of signatures that are named from now on: sort keys, search index, counts of countries."""
    session.flush()
    insert_all(session, SortKey, [key for signature in named for key in _sort_keys(signature)])
    finding.remember(session, tally, named)
    _count(session, named, 1)


def _sort_keys(signature: Signature) -> Iterator[dict[str, Any]]:
    sort_by = (signature.organisation if signature.kind is Kind.ORGANISATION else signature.name) or ""
    same = {"signature_id": signature.id, "statement_id": signature.statement_id, "kind": signature.kind, "number": signature.number or 0}
    return ({**same, "language": code, "key": language(code).sort_key(sort_by)} for code in LOCALES)


def _drop(session: Session, tally: Tally, signatures: Sequence[Signature]) -> None:
    """Take away what `_keep` put there, for those that are still named."""
    named = [signature for signature in signatures if signature.folded is not None]
    if not named:
        return
    session.execute(sa.delete(SortKey).where(col(SortKey.signature_id).in_([signature.id for signature in named])))
    finding.forget(session, tally, named)
    _count(session, named, -1)


def _count(session: Session, named: Sequence[Signature], step: int) -> None:
    """Move the counts of their countries; whoever does so holds the tally."""
    counts = Counter((signature.statement_id, signature.kind, signature.country or "") for signature in named)
    rows = [{"statement_id": at, "kind": kind, "country": country, "signatories": step * found} for (at, kind, country), found in counts.items()]
    add_up(session, CountryCount, rows, ("statement_id", "kind", "country"))
