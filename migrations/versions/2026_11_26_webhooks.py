"""webhooks, and what they were told"""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

STANDING = sa.Enum('active', 'paused', 'ended', name='standing', native_enum=False, length=20, create_constraint=True)
STATE = sa.Enum('queued', 'delivered', 'failed', name='state', native_enum=False, length=20, create_constraint=True)


def upgrade() -> None:
    op.create_table(
        'webhook',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('statement_id', sa.Uuid(), nullable=False),
        sa.Column('url', sa.String(length=500), nullable=False),
        sa.Column('events', sa.JSON(), nullable=False),
        sa.Column('secret', sa.LargeBinary(), nullable=True),
        sa.Column('old_secret', sa.LargeBinary(), nullable=True),
        sa.Column('old_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('standing', STANDING, nullable=False),
        sa.Column('failing_since', sa.DateTime(timezone=True), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('told_revision', sa.Integer(), nullable=False),
        sa.Column('told_number', sa.Integer(), nullable=False),
        sa.Column('told_withheld', sa.Integer(), nullable=False),
        sa.Column('told_most', sa.Integer(), nullable=False),
        sa.Column('told_closed', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['statement_id'], ['statement.id'], name=op.f('fk_webhook_statement_id_statement')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook')),
    )
    op.create_index(op.f('ix_webhook_statement_id'), 'webhook', ['statement_id'])
    op.create_table(
        'webhook_delivery',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('endpoint_id', sa.Uuid(), nullable=False),
        sa.Column('event', sa.String(length=40), nullable=False),
        sa.Column('data', sa.JSON(), nullable=False),
        sa.Column('state', STATE, nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('outcome', sa.String(length=40), nullable=True),
        sa.Column('took_ms', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['endpoint_id'], ['webhook.id'], name=op.f('fk_webhook_delivery_endpoint_id_webhook'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_delivery')),
    )
    op.create_index('ix_webhook_delivery_due', 'webhook_delivery', ['state', 'due_at'])
    op.create_index('ix_webhook_delivery_log', 'webhook_delivery', ['endpoint_id', 'created_at'])


def downgrade() -> None:
    op.drop_table('webhook_delivery')
    op.drop_table('webhook')
