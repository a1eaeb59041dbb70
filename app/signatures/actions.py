"""Sign, confirm, and what a person may say at a mailed link."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from app.errors import N_, Conflict
from app.keys.queries import keyring
from app.outbox.actions import drop_waiting, enqueue
from app.sealing import Keyring
from app.signatures import queries
from app.signatures.forms import Signer, SignForm
from app.signatures.identity import canonical_address, name_language
from app.signatures.models import Confirmation, Kind, Origin, Signature, State, Visibility
from app.signatures.particulars import Particulars
from app.signatures.retention import CONFIRM_WITHIN, NOTICE_VERSION
from app.statements.models import Statement
from app.statements.queries import revision
from app.statements.source import FirstSignatory
from app.tokens import hash_code, hash_token, new_code, new_token, same

_LATER = timedelta(hours=24)


def sign(session: Session, statement: Statement, form: SignForm, language: str, may_mail: bool, now: datetime) -> str:
    """Keep what was typed and mail a link; returns the secret for the browser's cookie.

    The answer is the same for every address. One that has signed already gets another mail and keeps its signature;
    a mail over the address's limit waits a day, and a repeated one over the limit is not sent.
    """
    secret, cookie_hash = new_token()
    if form.subject:
        return secret  # a field that people do not see was filled
    ring = keyring(session, statement.id)
    index = ring.index(canonical_address(form.email))
    signature = queries.living(session, statement.id, index)
    if signature is None:
        signature = _add(session, ring, statement, form, language, index, now)
        if signature is not None:
            _ask(session, ring, signature, form.email, cookie_hash, language, now, now if may_mail else now + _LATER)
    elif signature.state is State.PENDING and may_mail:
        _ask(session, ring, signature, form.email, cookie_hash, language, now, now)
    elif may_mail:
        enqueue(session, "already_signed", form.email, language, now, {"slug": statement.slug, "contact": statement.contact}, statement.id)
    return secret


def _add(session: Session, ring: Keyring, statement: Statement, form: SignForm, language: str, index: bytes, now: datetime) -> Signature | None:
    signature = Signature(
        statement_id=statement.id,
        revision_id=revision(session, statement).id,
        kind=form.kind,
        page_language=language,
        address_index=index,
        created_at=now,
    )
    signature.address = ring.seal(form.email.encode(), signature.place("address"))
    _write(ring, signature, form)
    try:
        with session.begin_nested():
            session.add(signature)
    except IntegrityError:
        return None  # somebody was faster with the same address; their mail is on its way
    return signature


def _write(ring: Keyring, signature: Signature, form: Signer) -> None:
    signature.kind, signature.visibility, signature.consent_version = form.kind, form.visibility, NOTICE_VERSION
    shown = form.organisation if form.kind is Kind.ORGANISATION else form.name
    particulars = Particulars(form.name, form.role, form.organisation, form.website, form.country, form.mandate, name_language(shown, signature.page_language))
    signature.particulars = ring.seal(particulars.dump(), signature.place("particulars"))


def _ask(session: Session, ring: Keyring, signature: Signature, to: str, cookie_hash: bytes, language: str, now: datetime, due: datetime) -> None:
    token, token_hash = new_token()
    code = new_code()
    expires = due + CONFIRM_WITHIN
    session.add(
        Confirmation(
            token_hash=token_hash, signature_id=signature.id, code_hash=hash_code(code, ring.index_key, token_hash), cookie_hash=cookie_hash, expires_at=expires
        )
    )
    enqueue(session, "confirm", to, language, now, {"token": token, "code": f"{code[:3]} {code[3:]}"}, signature.statement_id, expires, due, signature.id)


def prove(session: Session, confirmation: Confirmation, signature: Signature, code: str, now: datetime) -> str | None:
    """A fresh cookie secret for the browser that typed the right code; None for a wrong one or while locked."""
    if confirmation.locked(now) or len(code) != 6:
        return None  # what cannot be a code is no guess: a scanner that presses buttons locks nobody out
    ring = keyring(session, signature.statement_id)
    if not same(confirmation.code_hash, hash_code(code, ring.index_key, confirmation.token_hash)):
        confirmation.wrong_code(now)
        return None
    secret, confirmation.cookie_hash = new_token()
    confirmation.tries = 0
    return secret


def proven(confirmation: Confirmation, secret: str | None) -> bool:
    """Whether the browser holds the cookie that belongs to this link."""
    return same(confirmation.cookie_hash, hash_token(secret or secrets.token_hex(8)))


def confirm(session: Session, statement: Statement, signature: Signature, now: datetime) -> None:
    """The person confirms what was shown; the links are used up. Raises Conflict."""
    signature.confirm(now)
    if statement.automatic(signature.kind):
        signature.approve(now)
    _use_up(session, signature.id)


def rewrite(session: Session, statement: Statement, signature: Signature, form: Signer, now: datetime) -> None:
    """The owner of a proven address types what they mean; that is confirmed at once."""
    _write(keyring(session, statement.id), signature, form)
    confirm(session, statement, signature, now)


def clear_mistaken(signature: Signature) -> None:
    """What was typed is not what the owner of the address wrote: erase it, keep the proof of the address."""
    signature.particulars = None


def disown(session: Session, signature: Signature) -> None:
    """The owner of the address did not sign: erase the row and its links."""
    _use_up(session, signature.id)
    drop_waiting(session, signature.id)
    session.delete(signature)


def _use_up(session: Session, signature_id: UUID) -> None:
    session.execute(sa.delete(Confirmation).where(col(Confirmation.signature_id) == signature_id))


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
    signature.address_index = ring.index(f"first {signatory.kind} {signatory.name} {signatory.organisation}")
    if queries.removed(session, statement.id, signature.address_index):
        named = ", ".join(part for part in (signatory.name, signatory.organisation) if part)
        raise Conflict(N_("A moderator took %(name)s off the list. Take this first signatory out of the file."), name=named)
    signature.particulars = ring.seal(first_particulars(statement, signatory).dump(), signature.place("particulars"))
    session.add(signature)


def first_particulars(statement: Statement, signatory: FirstSignatory) -> Particulars:
    """A founding signatory's particulars; written in the statement's language unless it says otherwise."""
    language = signatory.language or statement.language
    return Particulars(signatory.name, signatory.role, signatory.organisation, signatory.website, signatory.country, language=language)
