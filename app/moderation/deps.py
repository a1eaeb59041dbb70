"""Who may look at, and decide about, what an address names; the filter that an address carries."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from app.accounts.deps import Moderator, Staff
from app.accounts.models import Person, Role
from app.db import ReadDb
from app.errors import N_, Forbidden
from app.moderation import findings, queries
from app.moderation.queries import Wanted
from app.signatures.models import Kind

_NOT_HERE = N_("Your account has no right to this statement.")


def _reader(person: Staff, db: ReadDb, signature_id: UUID) -> Person:
    return _must(person, Role.VIEWER, queries.statement_of(db, signature_id))


def _decider(person: Moderator, db: ReadDb, signature_id: UUID) -> Person:
    return _must(person, Role.MODERATOR, queries.statement_of(db, signature_id))


def _settler(person: Moderator, db: ReadDb, report_id: UUID) -> Person:
    return _must(person, Role.MODERATOR, queries.statement_of_report(db, report_id))


def _resender(person: Moderator, db: ReadDb, mail_id: UUID) -> Person:
    return _must(person, Role.MODERATOR, queries.statement_of_mail(db, mail_id))


def _must(person: Person, role: Role, statement_id: UUID | None) -> Person:
    if not person.may(role, statement_id):
        raise Forbidden(_NOT_HERE)
    return person


def _campaign_reader(person: Staff, db: ReadDb, campaign_id: UUID) -> Person:
    return _must(person, Role.VIEWER, findings.statement_of_campaign(db, campaign_id))


def _campaign_staff(person: Moderator, db: ReadDb, campaign_id: UUID) -> Person:
    return _must(person, Role.MODERATOR, findings.statement_of_campaign(db, campaign_id))


def _campaign_head(person: Moderator, db: ReadDb, campaign_id: UUID) -> Person:
    return _must(person, Role.ADMINISTRATOR, findings.statement_of_campaign(db, campaign_id))


CampaignReader = Annotated[Person, Depends(_campaign_reader)]
"""May look at the campaign of the address."""
CampaignStaff = Annotated[Person, Depends(_campaign_staff)]
"""May cancel it."""
CampaignHead = Annotated[Person, Depends(_campaign_head)]
"""May start and undo it."""
Reader = Annotated[Person, Depends(_reader)]
"""May look at the signature of the address."""
Decider = Annotated[Person, Depends(_decider)]
"""May decide about the signature of the address."""
Settler = Annotated[Person, Depends(_settler)]
"""May settle the report of the address."""
Resender = Annotated[Person, Depends(_resender)]
"""May send the mail of the address again."""


def _wanted(statement: str = "", kind: str = "", flag: str = "", domain: str = "") -> Wanted:
    """What makes no sense is not asked about."""
    return Wanted(statement[:80], next((one for one in Kind if one == kind), None), flag[:20], domain == "same")


Asked = Annotated[Wanted, Depends(_wanted)]
"""The filter of the queue, from the query of the address."""
