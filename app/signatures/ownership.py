"""What signers do with their own signature: correct, hide, show, withdraw, take a copy, erase."""

import json
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from app.errors import N_, Conflict, Gone
from app.keys.models import SEALED
from app.keys.queries import keyring
from app.outbox.actions import forget_about
from app.rows import insert_new
from app.signatures import listing, queries
from app.signatures.beside import Inquiry, MailedLink, Muted, Report
from app.signatures.evidence import Evidence
from app.signatures.forms import Signer, Typed
from app.signatures.identity import canonical_address
from app.signatures.models import STANDING, Signature, State, Visibility
from app.signatures.particulars import Correction
from app.signatures.signing import particulars_of
from app.statements.models import Statement
from app.web.templates import absolute

_OVER = N_("This signature does not stand any more, so there is nothing to change.")


def correct(session: Session, signature: Signature, form: Typed, now: datetime) -> None:
    """Before the decision what was typed is replaced; afterwards the correction waits for a moderator and the old text stands.

    Raises Conflict for a signature that does not stand.
    """
    _must_stand(signature)
    before = queries.particulars(session, signature)
    if before is None:
        raise Conflict(_OVER)
    ring, typed = keyring(session, signature.statement_id), particulars_of(form, signature.page_language)
    if signature.state is State.CONFIRMED:
        if not typed.same_organisation(before):
            signature.evidence = Evidence.DECLARED
        signature.kind = form.kind
        signature.particulars = ring.seal(typed.dump(), signature.place("particulars"))
    else:
        signature.correction = ring.seal(Correction(form.kind.value, typed).dump(), signature.place("correction"))
        signature.corrected_at = now


def hide(session: Session, signature: Signature, now: datetime) -> None:
    """Counted and never named, from now on; raises Conflict for a signature that does not stand."""
    _must_stand(signature)
    listing.hide(session, signature, now)


def show(session: Session, signature: Signature, now: datetime) -> None:
    """Named in the list; raises Conflict for a signature that does not stand, or while the list is held as it is."""
    _must_stand(signature)
    typed = queries.particulars(session, signature)
    if typed is None:
        raise Conflict(_OVER)
    listing.show(session, signature, typed, now)


def withdraw(session: Session, signature: Signature, reason: str, now: datetime) -> None:
    """Off every face at once; what was typed is erased, the reason is kept sealed for the moderators."""
    _must_stand(signature)
    listing.withdraw(session, signature, now)
    if reason:
        with suppress(Gone):  # after the keys were destroyed nothing new can be kept, but everybody may still leave
            signature.parting = keyring(session, signature.statement_id).seal(reason.encode(), signature.place("parting"))


def erase(session: Session, signature: Signature, now: datetime) -> None:
    """Nothing personal is left of it: not in its row, its links, its mails, nor in what moderators wrote about it."""
    if signature.state in STANDING:
        listing.withdraw(session, signature, now)
    signature.forget_person()
    signature.parting = None
    forget_about(session, signature.id)
    for kind in SEALED:  # what moderators wrote about it stands in rooms above
        if hasattr(kind.model, "signature_id"):
            session.execute(sa.update(kind.model).where(kind.model.signature_id == signature.id).values(dict.fromkeys(kind.columns)))
    for about in (MailedLink, Inquiry, Report):
        session.execute(sa.delete(about).where(col(about.signature_id) == signature.id))


def mute(session: Session, signature: Signature, now: datetime) -> None:
    """The owner of the address wants no more mail about this statement."""
    to = queries.address(session, signature)
    if to is not None:
        mark = queries.muting_mark(keyring(session, None), signature.statement_id, canonical_address(to))
        insert_new(session, Muted, [{"mark": mark, "statement_id": signature.statement_id, "created_at": now}], "mark")


def copy(session: Session, statement: Statement, signature: Signature) -> bytes:
    """Everything stored about a signature, as JSON in UTF-8 for its signer (GDPR, article 15)."""
    typed, correction = queries.particulars(session, signature), queries.correction(session, signature)
    columns = ("state", "kind", "visibility", "source", "first", "number", "consent_version", "page_language")
    moments = ("created_at", "confirmed_at", "decided_at", "published_at", "corrected_at")
    stored: dict[str, Any] = {
        "statement": absolute(f"/statements/{statement.slug}"),
        **{name: getattr(signature, name) for name in columns},
        **{name: moment.isoformat() if (moment := getattr(signature, name)) else None for name in moments},
        "email": queries.address(session, signature),
        "typed": asdict(typed) if typed else None,
        "correction": asdict(correction) if correction else None,
        "public": {name: getattr(signature, name) for name in ("name", "role", "organisation", "website", "country", "language")}
        if signature.state is State.PUBLISHED and signature.visibility is Visibility.PUBLIC
        else None,
    }
    return json.dumps(stored, ensure_ascii=False, indent=2).encode()


def typed_form(session: Session, signature: Signature) -> dict[str, str]:
    """What the form of a correction begins with."""
    proposed = queries.correction(session, signature)
    typed = proposed.typed if proposed else queries.particulars(session, signature)
    kind = proposed.kind if proposed else signature.kind.value
    fields = set(Signer.model_fields)
    return {"kind": kind, **{name: value for name, value in (asdict(typed) if typed else {}).items() if name in fields}}


def _must_stand(signature: Signature) -> None:
    if signature.state not in STANDING:
        raise Conflict(_OVER)
