"""What the secretariat types."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints, field_validator

from app.accounts.models import Role


class RightsForm(BaseModel):
    """A role for all statements, or for the one that is named; no role takes away what was given for all."""

    role: Role | None = None
    statement: UUID | None = None

    @field_validator("role", "statement", mode="before")
    @classmethod
    def _none(cls, value: str | None) -> str | None:
        return value or None


class InviteForm(RightsForm):
    """Whom to invite, and what for."""

    email: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)]
    role: Role
