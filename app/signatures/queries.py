"""Read signatures: the living list, the tally, a mailed link."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import N_, Gone, NotFound
from app.keys.queries import keyring
from app.sealing import Keyring
from app.signatures.beside import MailedLink, Muted
from app.signatures.identity import canonical_address
from app.signatures.models import Kind, Signature, State, Visibility
from app.signatures.particulars import Correction, Particulars
from app.signatures.tallies import Tally
from app.signatures.wording import HIDDEN
from app.statements.models import Statement
from app.tokens import hash_token
from app.web.paging import Page

PAGE = 100
_SORTED = 20_000
HIDDEN_LISTS = select(Statement.id).where(col(Statement.hidden_at).is_not(None))
# Every public face asks with these conditions, so that one switch hides the names on all of them.
LISTED = (
    col(Signature.state) == State.PUBLISHED,
    col(Signature.visibility) == Visibility.PUBLIC,
    col(Signature.number).is_not(None),
    col(Signature.folded).is_not(None),  # said again, for it is what the indexes of the list say
    col(Signature.statement_id).not_in(HIDDEN_LISTS),
)


@dataclass(frozen=True)
class Changes:
    """What happened to the list since one of its revisions."""

    page: Page[Signature]
    withdrawn: list[int] = field(default_factory=list)


def removed(session: Session, statement_id: UUID, indexes: Sequence[bytes]) -> bool:
    """Whether a moderator took the holder of one of these indexes off the list."""
    rows = select(Signature.id).where(Signature.statement_id == statement_id, col(Signature.address_index).in_(indexes), Signature.state == State.REMOVED)
    return session.exec(rows.limit(1)).first() is not None


def by_token(session: Session, token: str, now: datetime, lock: bool = False) -> tuple[MailedLink, Signature] | None:
    """The link and its pending signature, with `lock` the signature is held for this transaction; None when used, expired or invented."""
    rows = (
        select(MailedLink, Signature)
        .join(Signature, col(Signature.id) == col(MailedLink.signature_id))
        .where(MailedLink.token_hash == hash_token(token), col(MailedLink.expires_at) > now, Signature.state == State.PENDING)
    )
    row = session.exec(rows.with_for_update(of=Signature) if lock else rows).first()
    return (row[0], row[1]) if row else None


def pending_of(session: Session, statement_id: UUID, cookie_hash: bytes) -> Signature | None:
    """The pending signature of the browser that holds a cookie."""
    rows = select(Signature).join(MailedLink).where(MailedLink.cookie_hash == cookie_hash, Signature.statement_id == statement_id)
    return session.exec(rows.where(Signature.state == State.PENDING).with_for_update(of=Signature).limit(1)).first()


def links_since(session: Session, signature_id: UUID, moment: datetime) -> int:
    """How many links were mailed for a signature after a moment."""
    rows = select(sa.func.count()).select_from(MailedLink).where(MailedLink.signature_id == signature_id, col(MailedLink.created_at) > moment)
    return session.exec(rows).one()


def particulars(session: Session, signature: Signature) -> Particulars | None:
    """What was typed, opened in memory; None when it was erased."""
    if signature.particulars is None:
        return None
    return Particulars.load(keyring(session, signature.statement_id).open(signature.particulars, signature.place("particulars")))


def muted(session: Session, statement_id: UUID, to: str) -> bool:
    """Whether the owner of an address wants no more mail about a statement."""
    return session.get(Muted, muting_mark(keyring(session, None), statement_id, canonical_address(to))) is not None


def muting_mark(house: Keyring, statement_id: UUID, canonical: str) -> bytes:
    """What stands for a canonical address that wants no more mail about a statement; under the house's key, so statement keys may rotate."""
    return house.index(f"{statement_id} {canonical}")


def correction(session: Session, signature: Signature) -> Correction | None:
    """The correction that waits for a moderator, opened in memory."""
    if signature.correction is None:
        return None
    return Correction.load(keyring(session, signature.statement_id).open(signature.correction, signature.place("correction")))


def parting(session: Session, signature: Signature) -> str:
    """What the signer wrote on leaving, opened in memory."""
    if signature.parting is None:
        return ""
    return keyring(session, signature.statement_id).open(signature.parting, signature.place("parting")).decode()


def managed(session: Session, token: str, lock: bool = False) -> tuple[MailedLink, Signature] | None:
    """The link and the signature it manages, once that was confirmed; None for an invented or erased one."""
    rows = select(MailedLink, Signature).join(Signature, col(Signature.id) == col(MailedLink.signature_id))
    rows = rows.where(MailedLink.token_hash == hash_token(token), col(Signature.confirmed_at).is_not(None))
    row = session.exec(rows.with_for_update(of=Signature) if lock else rows).first()
    return (row[0], row[1]) if row else None


def address(session: Session, signature: Signature) -> str | None:
    """The signer's address, opened in memory; None when it was erased."""
    if signature.address is None:
        return None
    return keyring(session, signature.statement_id).open(signature.address, signature.place("address")).decode()


def tally(session: Session, statement_id: UUID) -> Tally:
    """The counts of a statement."""
    return session.get_one(Tally, statement_id)


def first_signatories(session: Session, statement_id: UUID) -> Sequence[Signature]:
    """The founding signatories, in the secretariat's order."""
    rows = select(Signature).where(Signature.statement_id == statement_id, *LISTED, sa.text("signature.first"))
    return session.exec(rows.order_by(col(Signature.position))).all()


def newest(session: Session, statement_id: UUID, limit: int, before: int | None = None, with_first: bool = True, kind: Kind | None = None) -> list[Signature]:
    """The latest signatories, newest first."""
    rows = select(Signature).where(Signature.statement_id == statement_id, *LISTED)
    if kind is not None:
        rows = rows.where(Signature.kind == kind)
    if before is not None:
        rows = rows.where(col(Signature.number) < before)
    if not with_first:
        rows = rows.where(~col(Signature.first))
    return list(session.exec(rows.order_by(col(Signature.number).desc()).limit(limit)))


def in_order_of_signing(session: Session, statement_id: UUID, after: int, limit: int = PAGE) -> Page[Signature]:
    """Signatories by ascending number."""
    rows = select(Signature).where(Signature.statement_id == statement_id, *LISTED, col(Signature.number) > after)
    found = list(session.exec(rows.order_by(col(Signature.number)).limit(limit + 1)))
    return Page(found[:limit], str(found[limit - 1].number) if len(found) > limit else None)


def since(session: Session, statement_id: UUID, known: int, after: int) -> Changes:
    """Who came and who left after list revision `known`; raises Gone for one this list never had, or one before the names were hidden or shown again."""
    now = tally(session, statement_id)
    if not now.since_from <= known <= now.list_revision:
        raise Gone(N_("This list has no such revision. Please read it again from the beginning."))
    rows = select(Signature).where(Signature.statement_id == statement_id, *LISTED, col(Signature.listed_revision) > known)
    many = session.exec(rows.offset(_SORTED).limit(1)).first() is not None
    # Many are met soon on the way through the numbers; few are found by their revision, and the sum keeps SQLite from that way.
    order = col(Signature.number) if many else col(Signature.number) + 0
    found = list(session.exec(rows.where(order > after).order_by(order).limit(PAGE + 1)))
    left = select(Signature.number).where(Signature.statement_id == statement_id, col(Signature.delisted_revision) > known)
    withdrawn = [number for number in session.exec(left.order_by(col(Signature.number))) if number is not None]
    return Changes(Page(found[:PAGE], str(found[PAGE - 1].number) if len(found) > PAGE else None), withdrawn)


def signatory(session: Session, statement_id: UUID, number: int) -> Signature:
    """The named signatory at a number of the list; raises NotFound."""
    found = session.exec(select(Signature).where(Signature.statement_id == statement_id, *LISTED, Signature.number == number)).first()
    if found is None:
        hidden = session.get_one(Statement, statement_id).hidden_at
        raise NotFound(HIDDEN if hidden else N_("Nobody stands at this number of the list any more."))
    return found


def everyone(session: Session, statement_id: UUID) -> Iterator[Signature]:
    """All signatories by ascending number, page by page."""
    after = 0
    while True:
        page = in_order_of_signing(session, statement_id, after, 1000)
        yield from page.rows
        if page.after is None:
            return
        after = int(page.after)
        session.expunge_all()
