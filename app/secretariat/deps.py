"""A draft with somebody who may write it, as parameter types."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from app.accounts.deps import Editor, Proven
from app.accounts.models import Person, Role
from app.db import ReadDb
from app.errors import N_, Forbidden, NotFound
from app.secretariat import drafts
from app.secretariat.drafts import Sheet, Translation
from app.statements.desks import Desk, EditingDesk

_NO = N_("Your account has no right to this draft.")


@dataclass(frozen=True)
class DraftDesk:
    """The draft of the address, and who writes it."""

    staff: Person
    sheet: Sheet


def _drafting(person: Editor, db: ReadDb, draft_id: UUID) -> DraftDesk:
    sheet = drafts.sheet(db, draft_id)
    if not person.may(Role.EDITOR, sheet.row.statement_id):
        raise Forbidden(_NO)
    return DraftDesk(person, sheet)


Drafting = Annotated[DraftDesk, Depends(_drafting)]
"""May write the draft."""


def _publishing(desk: Drafting, proven: Proven) -> DraftDesk:
    return desk


Publishing = Annotated[DraftDesk, Depends(_publishing)]
"""May write it, and proved lately who they are."""


@dataclass(frozen=True)
class TextDesk(DraftDesk):
    """A translation of the draft."""

    text: Translation


def _translating(desk: Drafting, text_id: UUID) -> TextDesk:
    found = next((one for one in desk.sheet.translations if one.row.id == text_id), None)
    if found is None:
        raise NotFound(N_("There is no such translation in this draft."))
    return TextDesk(desk.staff, desk.sheet, found)


Translating = Annotated[TextDesk, Depends(_translating)]
"""May write the translation."""


def _creating(person: Editor) -> Person:
    if not person.may(Role.EDITOR):
        raise Forbidden(N_("Your account may write single statements, but not begin a new one."))
    return person


Creator = Annotated[Person, Depends(_creating)]
"""May begin a new statement."""


def _proven_desk(desk: EditingDesk, proven: Proven) -> Desk:
    return desk


ProvenDesk = Annotated[Desk, Depends(_proven_desk)]
"""May write the published statement of the address, and proved lately who they are."""


def _keeping(person: Editor) -> Person:
    if not person.may(Role.EDITOR):
        raise Forbidden(N_("All statements share the directory. Your account may work at single ones, so it may look here, but change nothing."))
    return person


Keeper = Annotated[Person, Depends(_keeping)]
"""May change the directory of organisations."""
