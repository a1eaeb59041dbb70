"""the queue: decisions that can be taken back for a while, claims"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

DUE = sa.text('due_at IS NOT NULL')


def upgrade() -> None:
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.add_column(sa.Column('due_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('uq_decision_due', 'decision', ['signature_id'], unique=True, sqlite_where=DUE, postgresql_where=DUE)
    op.create_table(
        'claim',
        sa.Column('signature_id', sa.Uuid(), nullable=False),
        sa.Column('account_id', sa.Uuid(), nullable=False),
        sa.Column('until', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_claim_account_id_account'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['signature_id'], ['signature.id'], name=op.f('fk_claim_signature_id_signature'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('signature_id', name=op.f('pk_claim')),
    )


def downgrade() -> None:
    """A decision that did not take effect yet is dropped: its signature waits again."""
    op.drop_table('claim')
    op.execute('DELETE FROM decision WHERE due_at IS NOT NULL')
    op.drop_index('uq_decision_due', 'decision')
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.drop_column('due_at')
