"""further domains of an organisation: those it had as another entry"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'organisation_domain',
        sa.Column('domain', sa.String(length=255), nullable=False),
        sa.Column('organisation_id', sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ['organisation_id'], ['organisation.id'], name=op.f('fk_organisation_domain_organisation_id_organisation'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('domain', name=op.f('pk_organisation_domain')),
    )
    op.create_index(op.f('ix_organisation_domain_organisation_id'), 'organisation_domain', ['organisation_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_organisation_domain_organisation_id'), 'organisation_domain')
    op.drop_table('organisation_domain')
