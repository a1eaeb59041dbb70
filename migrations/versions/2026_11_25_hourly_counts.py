"""hourly counts of each list"""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'hourly_count',
        sa.Column('statement_id', sa.Uuid(), nullable=False),
        sa.Column('hour', sa.DateTime(timezone=True), nullable=False),
        sa.Column('organisations', sa.Integer(), nullable=False),
        sa.Column('individuals', sa.Integer(), nullable=False),
        sa.Column('withheld', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['statement_id'], ['statement.id'], name=op.f('fk_hourly_count_statement_id_statement')),
        sa.PrimaryKeyConstraint('statement_id', 'hour', name=op.f('pk_hourly_count')),
    )


def downgrade() -> None:
    op.drop_table('hourly_count')
