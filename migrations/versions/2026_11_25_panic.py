"""panic: hide all names of a statement, or freeze its list"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('statement', schema=None) as batch_op:
        batch_op.add_column(sa.Column('hidden_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table('tally', schema=None) as batch_op:
        batch_op.add_column(sa.Column('since_from', sa.Integer(), server_default='0', nullable=False))
    with op.batch_alter_table('tally', schema=None) as batch_op:
        batch_op.alter_column('since_from', server_default=None)


def downgrade() -> None:
    """The older schema knows neither: hidden names would be shown, so statements that hide them are taken down."""
    op.execute("UPDATE statement SET unpublished_at = hidden_at, unpublish_reason = 'hidden' WHERE hidden_at IS NOT NULL AND unpublished_at IS NULL")
    with op.batch_alter_table('tally', schema=None) as batch_op:
        batch_op.drop_column('since_from')
    with op.batch_alter_table('statement', schema=None) as batch_op:
        batch_op.drop_column('frozen_at')
        batch_op.drop_column('hidden_at')
