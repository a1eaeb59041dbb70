"""Somebody says that a published signature is wrong; a moderator asks an organisation whether it signed."""

import json
import secrets
from contextlib import suppress
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.errors import N_, Conflict, Gone
from app.keys.queries import keyring
from app.outbox.actions import enqueue
from app.signatures.beside import Inquiry, Report
from app.signatures.evidence import Evidence
from app.signatures.forms import ReportForm
from app.signatures.links import link_row
from app.signatures.listing import relabel
from app.signatures.models import STANDING, Answer, Complaint, Kind, Signature
from app.statements.models import Statement
from app.tokens import hash_token

ANSWER_WITHIN = timedelta(days=14)


def report(session: Session, signature: Signature, form: ReportForm, now: datetime) -> None:
    """Keep what somebody says about a signature, sealed."""
    row = Report(statement_id=signature.statement_id, signature_id=signature.id, reason=form.reason, created_at=now)
    said = json.dumps({"words": form.words, "contact": form.contact}, ensure_ascii=False)
    with suppress(Gone):  # after the keys were destroyed no words can be kept, but a name may still be wrong
        row.words = keyring(session, signature.statement_id).seal(said.encode(), row.place("words"))
    session.add(row)


def inquire(session: Session, signature: Signature, to: str, now: datetime) -> None:
    """Ask an organisation at an address it publishes; raises Conflict for a signature that is no organisation's."""
    if signature.kind is not Kind.ORGANISATION or signature.particulars is None or signature.state not in STANDING:
        raise Conflict(N_("Only an organisation whose signature stands can be asked."))
    expires = now + ANSWER_WITHIN
    row, token, code = link_row(keyring(session, None), signature.id, hash_token(secrets.token_hex(32)), now, expires)
    session.add(Inquiry(**row))
    enqueue(session, "inquiry", to, signature.page_language, now, {"token": token, "code": code}, signature.statement_id, expires, None, signature.id)


def inquiry(session: Session, token: str, now: datetime) -> tuple[Inquiry, Signature] | None:
    """A question that waits for its answer, and the signature; None when it was answered, is over or was invented."""
    rows = select(Inquiry, Signature).join(Signature, col(Signature.id) == col(Inquiry.signature_id))
    rows = rows.where(Inquiry.token_hash == hash_token(token), col(Inquiry.expires_at) > now, col(Inquiry.answer).is_(None))
    found = session.exec(rows.where(col(Signature.particulars).is_not(None)).with_for_update(of=Signature)).first()
    return (found[0], found[1]) if found else None


def answer(session: Session, asked: Inquiry, signature: Signature, given: Answer, now: datetime) -> None:
    """What the organisation says: yes raises the evidence, no becomes a report that the moderators see at once."""
    asked.answer, asked.answered_at = given, now
    if given is Answer.YES:
        signature.evidence = Evidence.CONFIRMED
        relabel(session, signature, now)
    else:
        statement = session.get_one(Statement, signature.statement_id)
        report(session, signature, ReportForm(reason=Complaint.NOT_AUTHORISED, words=f"/statements/{statement.slug}"), now)
