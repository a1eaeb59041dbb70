"""how each list came about, in numbers"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'integrity',
        sa.Column('statement_id', sa.Uuid(), nullable=False),
        sa.Column('as_of', sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ('received', 'confirmed', 'published', 'withdrawn')),
        sa.Column('removed', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(['statement_id'], ['statement.id'], name=op.f('fk_integrity_statement_id_statement')),
        sa.PrimaryKeyConstraint('statement_id', name=op.f('pk_integrity')),
    )


def downgrade() -> None:
    op.drop_table('integrity')
