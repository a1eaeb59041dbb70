"""removal campaigns: what a dry run found, and what became of it"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

STAGES = ('counting', 'counted', 'running', 'cancelled', 'done', 'undoing', 'undone')
CODES = ('on-request', 'not-authorised', 'duplicate', 'false', 'other')
STATES = ('screened', 'pending', 'confirmed', 'approved', 'published', 'rejected', 'removed', 'withdrawn', 'expired')


def one_of(values, name):
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    op.create_table(
        'campaign',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('statement_id', sa.Uuid(), nullable=False),
        sa.Column('account_id', sa.Uuid(), nullable=False),
        sa.Column('stage', one_of(STAGES, 'stage'), nullable=False),
        sa.Column('code', one_of(CODES, 'code'), nullable=False),
        sa.Column('said', sa.LargeBinary(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('cursor', sa.Uuid(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ('looked', 'found', 'removed', 'restored', 'skipped')),
        sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_campaign_account_id_account')),
        sa.ForeignKeyConstraint(['statement_id'], ['statement.id'], name=op.f('fk_campaign_statement_id_statement')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_campaign')),
    )
    op.create_index(op.f('ix_campaign_statement_id'), 'campaign', ['statement_id'], unique=False)
    op.create_table(
        'campaign_item',
        sa.Column('campaign_id', sa.Uuid(), nullable=False),
        sa.Column('signature_id', sa.Uuid(), nullable=False),
        sa.Column('state', one_of(STATES, 'state'), nullable=False),
        sa.Column('done', sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name=op.f('fk_campaign_item_campaign_id_campaign'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['signature_id'], ['signature.id'], name=op.f('fk_campaign_item_signature_id_signature'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('campaign_id', 'signature_id', name=op.f('pk_campaign_item')),
    )
    op.create_index(op.f('ix_campaign_item_signature_id'), 'campaign_item', ['signature_id'], unique=False)


def downgrade() -> None:
    op.drop_table('campaign_item')
    op.drop_table('campaign')
