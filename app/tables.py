"""Every feature's models, for Alembic and the tests."""

from sqlmodel import SQLModel

from app.accounts import models as accounts
from app.audit import models as audit
from app.keys import models as keys
from app.moderation import models as moderation
from app.organisations import models as organisations
from app.outbox import models as outbox
from app.publication import models as publication
from app.secretariat import models as secretariat
from app.signatures import beside, collected, tallies
from app.signatures import models as signatures
from app.statements import models as statements
from app.webhooks import models as webhooks

metadata = SQLModel.metadata
__all__ = [
    "accounts",
    "audit",
    "beside",
    "collected",
    "keys",
    "metadata",
    "moderation",
    "organisations",
    "outbox",
    "publication",
    "secretariat",
    "signatures",
    "statements",
    "tallies",
    "webhooks",
]
