"""Confirm many signatures in one transaction, each by its mailed link, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from sqlmodel import Session, col, select

from app.signatures.actions import confirm
from app.signatures.beside import MailedLink
from app.signatures.links import proven, right_code
from app.signatures.models import Kind, Signature, State, Visibility
from app.statements.models import Statement
from app.tokens import hash_token


@dataclass(frozen=True)
class Confirming:
    """Somebody pressed "confirm" at a mailed link, with the browser's cookie or the mail's code."""

    token: str
    secret: str | None
    code: str


class Result(Enum):
    """What became of it."""

    CONFIRMED = auto()
    OVER = auto()
    WRONG_CODE = auto()
    UNWRITTEN = auto()


@dataclass(frozen=True)
class Outcome:
    """The result, and for a confirmed one what its page says."""

    result: Result
    slug: str = ""
    kind: Kind | None = None
    visibility: Visibility | None = None
    automatic: bool = False


def confirm_all(session: Session, asked: Sequence[Confirming], now: datetime) -> list[Outcome]:
    """An outcome for each; of two for one link the first counts."""
    hashes = {hash_token(one.token) for one in asked}
    rows = (
        select(MailedLink, Signature, Statement)
        .join(Signature, col(Signature.id) == col(MailedLink.signature_id))
        .join(Statement, col(Statement.id) == col(Signature.statement_id))
        .where(col(MailedLink.token_hash).in_(hashes), col(MailedLink.expires_at) > now)
        .order_by(col(Signature.id))
        .with_for_update(of=Signature)
    )
    found = {row[0].token_hash: row for row in session.exec(rows)}
    return [_confirm(session, found.get(hash_token(one.token)), one, now) for one in asked]


def _confirm(session: Session, found: tuple[MailedLink, Signature, Statement] | None, asked: Confirming, now: datetime) -> Outcome:
    if found is None or found[1].state is not State.PENDING:
        return Outcome(Result.OVER)
    link, signature, statement = found
    if not proven(link, asked.secret) and not right_code(session, link, asked.code, now):
        return Outcome(Result.WRONG_CODE)
    if signature.particulars is None:
        return Outcome(Result.UNWRITTEN)
    confirm(statement, signature, now)
    return Outcome(Result.CONFIRMED, statement.slug, signature.kind, signature.visibility, signature.state is State.APPROVED)
