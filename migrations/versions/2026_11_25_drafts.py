"""drafts of statements, their translations, and links that show them to partners"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'draft',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('statement_id', sa.Uuid(), nullable=True),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('saved_by', sa.Uuid(), nullable=True),
        sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['created_by'], ['account.id'], name=op.f('fk_draft_created_by_account'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['saved_by'], ['account.id'], name=op.f('fk_draft_saved_by_account'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['statement_id'], ['statement.id'], name=op.f('fk_draft_statement_id_statement'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_draft')),
    )
    op.create_index(op.f('ix_draft_statement_id'), 'draft', ['statement_id'], unique=False)
    op.create_table(
        'draft_text',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('draft_id', sa.Uuid(), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.Column('seen', sa.LargeBinary(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('saved_by', sa.Uuid(), nullable=True),
        sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['draft_id'], ['draft.id'], name=op.f('fk_draft_text_draft_id_draft'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['saved_by'], ['account.id'], name=op.f('fk_draft_text_saved_by_account'), ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_draft_text')),
    )
    op.create_index(op.f('ix_draft_text_draft_id'), 'draft_text', ['draft_id'], unique=False)
    op.create_table(
        'preview_link',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('draft_id', sa.Uuid(), nullable=False),
        sa.Column('token_hash', sa.LargeBinary(), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['created_by'], ['account.id'], name=op.f('fk_preview_link_created_by_account'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['draft_id'], ['draft.id'], name=op.f('fk_preview_link_draft_id_draft'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_preview_link')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_preview_link_token_hash')),
    )
    op.create_index(op.f('ix_preview_link_draft_id'), 'preview_link', ['draft_id'], unique=False)


def downgrade() -> None:
    op.drop_table('preview_link')
    op.drop_table('draft_text')
    op.drop_table('draft')
