"""an index of organisations' names alone: they are few among very many people"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

INDEX = 'ix_signature_names_organisation'


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name == 'postgresql' and bind.execute(sa.text("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")).first():
        op.execute(f"CREATE INDEX {INDEX} ON signature USING gin (folded gin_trgm_ops) WHERE folded IS NOT NULL AND kind = 'organisation'")


def downgrade() -> None:
    op.execute(f'DROP INDEX IF EXISTS {INDEX}')
