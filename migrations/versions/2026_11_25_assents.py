"""the two-person rule: what one administrator asks for and another agrees to"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('raised_by', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('raised_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('stepped_down_at', sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        'assent',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('act', sa.String(length=40), nullable=False),
        sa.Column('statement_id', sa.Uuid(), nullable=True),
        sa.Column('subject', sa.String(length=80), nullable=False),
        sa.Column('asked_by', sa.Uuid(), nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('given_by', sa.Uuid(), nullable=True),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['asked_by'], ['account.id'], name=op.f('fk_assent_asked_by_account'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['given_by'], ['account.id'], name=op.f('fk_assent_given_by_account'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_assent')),
    )
    op.create_index(op.f('ix_assent_expires_at'), 'assent', ['expires_at'], unique=False)


def downgrade() -> None:
    op.drop_table('assent')
    with op.batch_alter_table('account', schema=None) as batch_op:
        for column in ('stepped_down_at', 'raised_at', 'raised_by'):
            batch_op.drop_column(column)
